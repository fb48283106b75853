"""From a matrix to a model that may serve: specification, candidates, calibration, reasons, registry."""
