"""The fields of a piece of equipment, in the order of register.csv, with the headers they are met under.

The aliases are examples (docs/domains/imports.md): headers are compared as sets of expanded words, and of two
columns that could fill a field the one whose alias stands earlier does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pilothouse.imports.fields import Field

FIELDS: tuple[Field, ...] = (
    Field("tag", "identifier", "cmms", "Asset tag", ("asset tag", "tag", "tag number", "cmms asset tag", "control number", "equipment control number", "internal inventory number", "internal iventory number", "inventory number", "local identifier", "barcode", "asset number", "equipment number", "equipment id", "ce number", "bme number", "biomed id", "biomed number", "asset control number", "tag id", "asset id", "cmms id", "entry number")),
    Field("uid", "identifier", "network", "Device uid", ("device uid", "uid", "device id", "endpoint id", "sensor id", "id", "asset id", "entry number", "record id")),
    Field("maker", "text", "agreement", "Maker", ("manufacturer", "device manufacturer", "maker", "make", "cmms manufacturer", "brand", "oem", "manufacturer name", "maker name", "vendor")),
    Field("model", "text", "agreement", "Model", ("model", "device model", "model name", "model number", "manufacturer model", "manufacturer model number", "cmms model", "model cat number", "catalog number", "product", "product name")),
    Field("serial", "many", "agreement", "Serial", ("serial number", "device serial number", "serial", "cmms serial number", "manufacturer serial number")),
    Field("name", "text", "cmms", "Description", ("description", "equipment name", "asset name", "generic asset name", "device type", "device description", "manufacturer equipment name", "asset full name", "name", "short description", "nomenclature", "type", "device type family", "equipment category", "category", "equipment type", "what", "what is it")),
    Field("mac", "many", "network", "MAC", ("mac address", "mac", "device mac list", "mac list", "hardware address", "ethernet address", "physical address", "wired mac", "wireless mac", "wifi mac", "lan mac", "wlan mac", "bluetooth mac"), items="macs", joins=True),
    Field("ip", "many", "network", "IP address", ("ip address", "ip", "device ip list", "ip list", "ipv4 address", "ipv6 address", "v4 ip address", "v6 ip address", "network address"), items="ips", joins=True),
    Field("host", "text", "network", "Host name", ("hostname", "host", "host name", "dns name", "fqdn", "computer name", "netbios name", "device name")),
    Field("os", "text", "network", "Operating system", ("operating system", "os", "device os name", "os name", "os guess"), beside=("operating system version", "os version", "device os version")),
    Field("firmware", "version", "network", "Firmware", ("firmware version", "firmware", "software version", "device software or firmware version", "software or firmware version", "software", "application version", "version", "revision")),
    Field("facility", "text", "cmms", "Facility", ("facility", "hospital", "campus", "cmms campus", "site", "facility name", "organization", "location name", "building")),
    Field("unit", "text", "cmms", "Unit", ("department", "unit", "ward", "cmms department", "care unit", "department name", "service", "area", "cost center", "clinical unit", "nursing unit", "clinical department", "where", "owning department", "owning cost center")),
    Field("room", "text", "cmms", "Room", ("room", "room number", "cmms room", "location", "cmms location", "bay", "room name")),
    Field("owner", "text", "cmms", "Owner", ("owner", "responsible person", "responsible pers", "responsible shop", "assigned to", "custodian", "device owner", "ownership", "cmms ownership", "primary user")),
    Field("status", "text", "cmms", "Status", ("status", "use status", "asset status", "device status", "state", "install status", "lifecycle status", "cmms state", "in service")),
    Field("purchased", "date", "cmms", "Purchased", ("purchase date", "purchased", "acquisition date", "acquired", "date purchased")),
    Field("installed", "date", "cmms", "Installed", ("installation date", "installed", "in service", "in service date", "date in service", "commissioned", "commission date", "commissioning date", "date installed")),
    Field("warranty", "date", "cmms", "Warranty until", ("warranty expiration date", "warranty", "warranty end", "warranty until", "warranty contract expiration", "warranty expiration")),
    Field("price", "money", "cmms", "Purchase price", ("purchase price", "acquisition cost", "purchase cost", "asset purchase cost", "cmms asset purchase cost", "price", "cost")),
    Field("last_pm", "date", "cmms", "Last maintenance", ("last pm", "last pm date", "last maintenance", "last service date", "cmms last pm", "last inspection", "last preventive maintenance")),
    Field("seen", "date", "network", "Last seen", ("last seen", "device last seen list", "last seen list", "last seen date", "seen", "last scan", "last scan date", "last contact", "last update", "last online")),
    Field("criticality", "text", "cmms", "Criticality", ("criticality", "criticality level", "equipment criticality", "device criticality", "clinical criticality")),
    Field("phi", "text", "network", "Patient data on board", ("phi", "stores phi", "ephi", "patient data", "phi on board", "has phi", "transmits phi")),
)  # fmt: skip

BY_NAME = {f.name: f for f in FIELDS}

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Identity": ("name", "maker", "model", "serial", "tag", "uid"),
    "Network": ("mac", "ip", "host", "os", "firmware"),
    "Place": ("facility", "unit", "room", "owner"),
    "Life": ("status", "purchased", "installed", "warranty", "price", "last_pm"),
}
"""How the device's page and its form order the fields; what is named nowhere stands in a last group of its own."""
LAST_GROUP: Final = "Weight"
NEEDS: Final[Mapping[str, str]] = {"price": "see_prices"}
"""Fields that may be seen and set only with a permission of their own."""


def grouped() -> dict[str, tuple[Field, ...]]:
    """Every field but `seen`, which is no column, by the title of its group."""
    named = {name for names in GROUPS.values() for name in names}
    rest = tuple(name for name in BY_NAME if name not in named and name != "seen")
    return {
        title: tuple(BY_NAME[name] for name in names) for title, names in {**GROUPS, LAST_GROUP: rest}.items()
    }
