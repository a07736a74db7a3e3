"""Cores: lenses, ranks with an interval, and the reasons behind them."""
