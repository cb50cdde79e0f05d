"""The units of a family nurse's work that can be compared with each other, by their UCUM codes."""

from decimal import Decimal

from visitapp.forms.values import Quantity

UCUM = "http://unitsofmeasure.org"

_D = Decimal
_FACTORS: dict[str, tuple[str, Decimal]] = {
    # length in metres
    "nm": ("m", _D("1e-9")),
    "um": ("m", _D("1e-6")),
    "mm": ("m", _D("0.001")),
    "cm": ("m", _D("0.01")),
    "dm": ("m", _D("0.1")),
    "m": ("m", _D(1)),
    "km": ("m", _D(1000)),
    "[in_i]": ("m", _D("0.0254")),
    "[in_us]": ("m", _D("0.0254000508")),
    "[ft_i]": ("m", _D("0.3048")),
    "[yd_i]": ("m", _D("0.9144")),
    "[mi_i]": ("m", _D("1609.344")),
    # mass in grams
    "ng": ("g", _D("1e-9")),
    "ug": ("g", _D("1e-6")),
    "mg": ("g", _D("0.001")),
    "g": ("g", _D(1)),
    "kg": ("g", _D(1000)),
    "t": ("g", _D(1000000)),
    "[oz_av]": ("g", _D("28.349523125")),
    "[lb_av]": ("g", _D("453.59237")),
    "[stone_av]": ("g", _D("6350.29318")),
    # volume in litres
    "uL": ("L", _D("1e-6")),
    "mL": ("L", _D("0.001")),
    "ml": ("L", _D("0.001")),
    "cL": ("L", _D("0.01")),
    "dL": ("L", _D("0.1")),
    "L": ("L", _D(1)),
    "l": ("L", _D(1)),
    "cm3": ("L", _D("0.001")),
    "m3": ("L", _D(1000)),
    # time in seconds; months and years are UCUM's mean Julian ones
    "ms": ("s", _D("0.001")),
    "s": ("s", _D(1)),
    "min": ("s", _D(60)),
    "h": ("s", _D(3600)),
    "d": ("s", _D(86400)),
    "wk": ("s", _D(604800)),
    "mo": ("s", _D(2629800)),
    "mo_j": ("s", _D(2629800)),
    "a": ("s", _D(31557600)),
    "a_j": ("s", _D(31557600)),
    # pressure in pascals
    "Pa": ("Pa", _D(1)),
    "hPa": ("Pa", _D(100)),
    "kPa": ("Pa", _D(1000)),
    "mm[Hg]": ("Pa", _D("133.322387415")),
    # parts
    "1": ("1", _D(1)),
    "%": ("1", _D("0.01")),
    "[ppth]": ("1", _D("0.001")),
    # energy in joules
    "J": ("J", _D(1)),
    "kJ": ("J", _D(1000)),
    "cal": ("J", _D("4.184")),
    "kcal": ("J", _D(4184)),
    # frequency
    "/s": ("/s", _D(1)),
    "Hz": ("/s", _D(1)),
    "/min": ("/s", _D(1) / _D(60)),
    "{beats}/min": ("/s", _D(1) / _D(60)),
    # body-mass index
    "kg/m2": ("kg/m2", _D(1)),
    "g/cm2": ("kg/m2", _D(10)),
}


def in_base_units(quantity: Quantity) -> tuple[Decimal, str] | None:
    """The amount and the base unit it is in; None where the unit is not UCUM or not in the table."""
    if quantity.value is None or quantity.code is None or quantity.system not in (UCUM, None):
        return None
    if quantity.code in ("Cel", "K", "[degF]"):
        return _kelvin(quantity.value, quantity.code), "K"
    found = _FACTORS.get(quantity.code)
    return None if found is None else (quantity.value * found[1], found[0])


def _kelvin(value: Decimal, code: str) -> Decimal:
    if code == "Cel":
        return value + _D("273.15")
    if code == "[degF]":
        return (value + _D("459.67")) * 5 / 9
    return value
