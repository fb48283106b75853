"""Risk-based inspection targeting: registers in, a defensible list of where to look next out."""
