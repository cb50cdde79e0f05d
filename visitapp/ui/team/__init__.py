"""The supervisor's Team screen: figures that lead to the families behind them, and whom to ring because her sync stands still."""
