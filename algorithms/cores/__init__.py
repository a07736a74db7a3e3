"""Cores: lenses, ranks with an interval, the reasons behind them, and cards that hold it all."""
