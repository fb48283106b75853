"""Files that people send: bounded, looked at before anything reads them, gone when the answer is sent."""
