"""The fields of a piece of equipment, in the order of register.csv, with the headers they are met under.

The aliases are examples (docs/domains/intake.md): headers are compared as sets of expanded tokens.
"""

from __future__ import annotations

from pilothouse.imports.fields import Field

FIELDS: tuple[Field, ...] = (
    Field("tag", "identifier", "cmms", "Asset tag", ("asset tag", "tag", "asset no", "asset number", "asset id", "control no", "control number", "equipment id", "equipment number", "inventory number", "internal inventory number", "local identifier", "entry number", "cmms asset tag", "device asset id", "cmms id", "barcode", "equipment control number")),
    Field("uid", "identifier", "network", "Device uid", ("device uid", "device id", "uid", "id", "endpoint id", "sensor id")),
    Field("maker", "text", "agreement", "Maker", ("manufacturer", "maker", "mfr", "mfg", "make", "vendor", "oem", "device manufacturer", "cmms manufacturer")),
    Field("model", "text", "agreement", "Model", ("model", "model name", "model number", "device model", "model cat no", "catalog number", "product", "cmms model")),
    Field("serial", "many", "agreement", "Serial", ("serial number", "serial", "serial no", "sn", "ser", "device serial number", "cmms serial number", "mfr serial")),
    Field("name", "text", "cmms", "Description", ("description", "name", "equipment name", "asset name", "generic asset name", "asset full name", "device type", "device type family", "type", "category", "equipment category", "mfgr equipment name", "short description", "nomenclature")),
    Field("mac", "many", "network", "MAC", ("mac", "mac address", "mac addr", "device mac list", "hardware address", "ethernet address", "physical address")),
    Field("ip", "many", "network", "IP address", ("ip", "ip address", "ip addr", "ipv4", "v4 ip addrs", "device ip list", "network address")),
    Field("host", "text", "network", "Host name", ("hostname", "host", "host name", "dns name", "fqdn", "computer name", "netbios name", "device name")),
    Field("os", "text", "network", "Operating system", ("os", "operating system", "device os name", "os name", "operating system version", "os version", "device os version")),
    Field("firmware", "version", "network", "Firmware", ("firmware", "firmware version", "software version", "sw rev", "fw rev", "sw version", "fw version", "device software or firmware version", "software or firmware version", "software", "version", "revision")),
    Field("facility", "text", "cmms", "Facility", ("facility", "hospital", "campus", "site", "cmms campus", "organization", "location name")),
    Field("unit", "text", "cmms", "Unit", ("department", "dept", "unit", "ward", "cmms department", "service", "area", "cost center", "owning department")),
    Field("room", "text", "cmms", "Room", ("room", "room number", "location", "cmms room", "cmms location", "bay")),
    Field("owner", "text", "cmms", "Owner", ("owner", "responsible person", "responsible shop", "responsible pers", "assigned to", "custodian", "device owner", "ownership", "cmms ownership", "primary user")),
    Field("status", "text", "cmms", "Status", ("status", "state", "use status", "cmms state", "asset status", "in service")),
    Field("purchased", "date", "cmms", "Purchased", ("purchase date", "purchased", "acquisition date", "acquired", "date purchased")),
    Field("installed", "date", "cmms", "Installed", ("installation date", "installed", "install date", "in service date", "date in service", "commissioned")),
    Field("warranty", "date", "cmms", "Warranty until", ("warranty", "warranty expiration date", "warranty end", "warranty until", "warranty contract exp")),
    Field("price", "money", "cmms", "Purchase price", ("purchase price", "price", "cost", "acquisition cost", "asset purchase cost", "cmms asset purchase cost", "purchase cost")),
    Field("last_pm", "date", "cmms", "Last maintenance", ("last pm", "last maintenance", "last service date", "cmms last pm", "last inspection")),
    Field("seen", "date", "network", "Last seen", ("last seen", "lastseen", "device last seen list", "last seen list", "seen", "last update", "last contact")),
)  # fmt: skip

BY_NAME = {f.name: f for f in FIELDS}
KEY_FIELDS = {"cmms": ("tag", "uid"), "security": ("uid", "tag", "mac", "ip"), "network": ("mac", "ip", "host", "uid", "tag"), "other": ("tag", "uid", "mac", "ip")}  # fmt: skip
"""By kind of source, the fields a row's own key is taken from: the first that has a value."""
