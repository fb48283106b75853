"""What a plan tells once its outcomes are in: unbiased estimates, lift, calibration, overrides, trials."""
