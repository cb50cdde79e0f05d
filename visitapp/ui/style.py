"""The one style sheet, generated from colour roles; widgets choose a rule by class name or by `tone`."""

from collections.abc import Mapping
from string import Template

_SHEET = Template("""
* { outline: none; }
QWidget { color: $ink; }
QMainWindow, QDialog, #window { background: $background; }
QLabel { background: transparent; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="success"] { color: $success; }
QLabel[tone="attention"] { color: $attention; }
QLabel[tone="danger"] { color: $danger; }
QToolTip { background: $ink; color: $surface; border: none; padding: 4px 8px; }

QPushButton, QToolButton {
    background: $surface; border: 1px solid $control; border-radius: 6px; padding: 6px 14px; min-height: 20px;
}
QPushButton:hover, QToolButton:hover { background: $sunken; }
QPushButton:pressed, QToolButton:pressed { background: $hairline; }
QPushButton:disabled, QToolButton:disabled { color: $muted; border-color: $hairline; background: transparent; }
PrimaryButton {
    background: $accent; color: $on_accent; border: 1px solid $accent; padding: 8px 20px; min-height: 22px;
}
PrimaryButton:hover { background: $accent_strong; border-color: $accent_strong; }
PrimaryButton:pressed { background: $ink; }
PrimaryButton:disabled { background: $sunken; color: $muted; border-color: $hairline; }
DangerButton { color: $danger; border-color: $danger; }
QuietButton { background: transparent; border: 1px solid transparent; color: $accent; padding: 6px 8px; }
QuietButton:hover { background: $accent_soft; }
QuietButton:disabled { color: $muted; border-color: transparent; }
IconButton { background: transparent; border: 1px solid transparent; padding: 6px; min-width: 22px; min-height: 22px; }
IconButton:hover { background: $sunken; }
RowButton { background: transparent; border: none; border-radius: 6px; text-align: left; padding: 0; }
RowButton:hover { background: $sunken; }
RowButton:pressed { background: $hairline; }
FilterChip { border-radius: 15px; padding: 5px 14px; border: 1px solid $control; background: transparent; }
FilterChip:hover { background: $sunken; }
FilterChip:checked { background: $accent_soft; border: 1px solid $accent; color: $accent_strong; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QComboBox {
    background: $surface; border: 1px solid $control; border-radius: 6px; padding: 0 8px; min-height: 34px;
    selection-background-color: $accent; selection-color: $on_accent; placeholder-text-color: $muted;
}
QPlainTextEdit, QTextEdit { padding: 6px 6px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:focus, QSpinBox:focus, QDateEdit:focus,
QTimeEdit:focus {
    border-color: $focus;
}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {
    background: $sunken; color: $muted; border-color: $hairline;
}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] { border: 2px solid $danger; }
QComboBox::drop-down { border: none; width: 28px; }
QComboBox::down-arrow { image: url("$down"); width: 16px; height: 16px; }
QComboBox QAbstractItemView {
    background: $surface; border: 1px solid $control; selection-background-color: $accent_soft; selection-color: $ink;
}
QComboBox QAbstractItemView::item { min-height: 32px; padding: 2px 8px; }
QCheckBox, QRadioButton { spacing: 10px; min-height: 32px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 18px; height: 18px; border: 2px solid $control; background: $surface;
}
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 11px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$tick"); }
QRadioButton::indicator:checked {
    border-color: $accent;
    background: qradialgradient(cx:0.5, cy:0.5, radius:0.5, fx:0.5, fy:0.5,
        stop:0 $accent, stop:0.55 $accent, stop:0.65 $surface, stop:1 $surface);
}

QSlider::groove:horizontal { background: $control; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 20px; height: 20px; margin: -8px 0; border-radius: 10px; }
QSlider::handle:horizontal:disabled { background: $hairline; }

QScrollArea, QScrollArea > QWidget > QWidget#page { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $control; border-radius: 4px; min-height: 40px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $control; border-radius: 4px; min-width: 40px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTableView, QListView, QTreeView {
    background: $surface; border: 1px solid $hairline; border-radius: 8px; gridline-color: transparent;
    selection-background-color: $accent_soft; selection-color: $ink; alternate-background-color: $surface;
}
#help { border: none; background: transparent; padding: 0; }
QListView::item { padding: 4px 8px; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: $surface; color: $muted; border: none; border-bottom: 1px solid $control; padding: 8px 10px;
}
QHeaderView::section:hover { color: $ink; }
QTableCornerButton::section { background: $surface; border: none; }
QSplitter::handle { background: $hairline; }
QProgressBar {
    background: $sunken; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; color: transparent;
}
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QTabBar::tab { background: transparent; padding: 8px 16px; border-bottom: 3px solid transparent; }
QTabBar::tab:selected { border-bottom-color: $accent; color: $accent_strong; }
QMenu { background: $surface; border: 1px solid $control; padding: 4px; }
QMenu::item { padding: 8px 20px; border-radius: 4px; }
QMenu::item:selected { background: $accent_soft; }

Card { background: $surface; border: 1px solid $hairline; border-radius: 10px; }
Card[tone="attention"] { background: $attention_soft; border-color: $attention; }
Card[tone="danger"] { background: $danger_soft; border-color: $danger; }
Card[tone="success"] { background: $success_soft; border-color: $success; }
Card[tone="accent"] { background: $accent_soft; border-color: $accent; }
Hairline { background: $hairline; border: none; }
#rail { background: $surface; border-right: 1px solid $hairline; }
#header { background: $background; border-bottom: 1px solid $hairline; }
#status { background: $surface; border-top: 1px solid $hairline; }
RailButton {
    background: transparent; border: 1px solid transparent; border-radius: 8px; margin: 0 8px;
    padding: 7px 10px; min-height: 26px; text-align: left; color: $muted;
}
RailButton:hover { background: $sunken; color: $ink; }
RailButton:checked { background: $accent_soft; color: $accent_strong; }
FinderButton { color: $muted; text-align: left; background: $surface; border: 1px solid $control; }
#finder { background: $surface; border: 1px solid $control; border-radius: 10px; }
#toast { background: $ink; border-radius: 8px; }
#toast QLabel { color: $surface; }
#toast QPushButton { background: transparent; border: 1px solid $surface; color: $surface; }
#toast QPushButton:hover { background: $muted; }
#quickhide { background: $background; }
#practice { color: $attention; background: $attention_soft; border-radius: 4px; padding: 2px 8px; }
""")


def style_sheet(roles: Mapping[str, str], tick: str, down: str) -> str:
    """Return the application's style sheet for a theme's roles; `tick` and `down` are paths of two small pictures."""
    return _SHEET.substitute(roles, tick=tick, down=down)
