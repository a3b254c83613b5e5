"""Columns are guessed from their headers, then from what is in them; the guess can be shown and corrected."""

from __future__ import annotations

import pytest

from pilothouse.equipment.fields import FIELDS
from pilothouse.imports import mapping
from pilothouse.imports.headers import Vocabulary, words
from pilothouse.imports.mapping import Columns, guess, kind_of
from pilothouse.kernel.errors import BadUsage

VOCABULARY = Vocabulary(FIELDS)


def _guess(
    headers: str, samples: dict[str, list[str]] | None = None, forced: dict[str, str] | None = None
) -> Columns:
    columns = [header.strip() for header in headers.split("|" if "|" in headers else ",")]
    return guess(columns, [(samples or {}).get(column, []) for column in columns], VOCABULARY, forced)


def _mapped(headers: str, samples: dict[str, list[str]] | None = None) -> dict[str, str]:
    return _guess(headers, samples).named()


CLAROTY = "device_uid, device_asset_id, device_mac_list, device_ip_list, device_serial_number, device_manufacturer, device_model, device_type_family, device_os_name, device_os_version, device_software_or_firmware_version, device_fda_class, device_phi, device_ae_titles, device_vlan_list, device_switch_port_list, device_first_seen_list, device_last_seen_list, device_retired, device_risk_score, device_os_eol_date"
CLAROTY_CMMS = "device_cmms_state, device_cmms_ownership, device_cmms_asset_tag, device_cmms_campus, device_cmms_building, device_cmms_floor, device_cmms_room, device_cmms_location, device_cmms_department, device_cmms_owning_cost_center, device_cmms_asset_purchase_cost, device_cmms_financial_cost, device_cmms_manufacturer, device_cmms_model, device_cmms_serial_number, device_cmms_last_pm, device_cmms_technician"
ASIMILY = "deviceID, macAddr, v4IpAddrs, v6IpAddrs, manufacturer, deviceModel, os, osVersion, deviceType, deviceFamilies, serialNumber, department, facility, location, hostName"
ARMIS = "id, name, category, type, manufacturer, model, macAddress, ipaddress, operatingSystem, operatingSystemVersion, firstSeen, lastSeen, riskLevel, purdueLevel, site, tags, accessSwitch, user"
SERVICENOW = "model name, model number, manufacturer, short description, serial number, organization, cost center, allow alternate maintenance"
VISTA = "ENTRY NUMBER|MANUFACTURER|PARENT SYSTEM|MFGR. EQUIPMENT NAME|MODEL|MODEL(C)|SERIAL #|EQUIPMENT CATEGORY|USE STATUS|LOCAL IDENTIFIER|SERVICE POINTER|RESPONSIBLE SHOP|ACQUISITION DATE|LIFE EXPECTANCY|PURCHASE ORDER #|DISPOSITION DATE|REPLACING"
OPENMEDIS = "AssetID, GenericAssetName, AssetFullName, Model, SerialNumber, InternalIventoryNumber, ResponsiblePers, PurchaseDate, InstallationDate, Lifetime, PurchasePrice, CurrentValue, WarrantyContractExp, MaintenanceContractNo, SupplierID, DonorID, Metrology"
ATLAS = "ID, Name, Description, Status, Archived, Location Name, Parent Asset, Area, Barcode, Category, Primary User, Warranty Expiration Date, Additional Information, Serial Number, Assigned To, Teams, Parts, Vendors, Contractors, Acquisition cost"
PLAIN = "name, serial_number, department, manufacturer, vendor, model_number, purchase_date, installation_date, is_critical_asset"
NMAP = "mac|mac vendor|ip|hostname|os|os accuracy|services|open ports|host state|last seen"
RECALL = "cfres_id, product_res_number, event_date_initiated, event_date_posted, event_date_terminated, recall_status, product_code, k_numbers, root_cause_description, code_info"


def test_claroty_xdome_maps_right() -> None:
    assert _mapped(CLAROTY) == {
        "tag": "device_asset_id", "uid": "device_uid", "maker": "device_manufacturer", "model": "device_model", "serial": "device_serial_number",
        "name": "device_type_family", "mac": "device_mac_list", "ip": "device_ip_list", "os": "device_os_name + device_os_version",
        "firmware": "device_software_or_firmware_version", "seen": "device_last_seen_list", "phi": "device_phi"}  # fmt: skip


def test_claroty_xdome_with_its_cmms_side_maps_right() -> None:
    found = _mapped(f"{CLAROTY}, {CLAROTY_CMMS}")
    cmms = {field: column for field, column in found.items() if "cmms" in column}
    assert cmms == {
        "tag": "device_cmms_asset_tag", "facility": "device_cmms_campus", "unit": "device_cmms_department", "room": "device_cmms_room",
        "owner": "device_cmms_ownership", "status": "device_cmms_state", "price": "device_cmms_asset_purchase_cost", "last_pm": "device_cmms_last_pm",
    }  # fmt: skip
    assert (found["uid"], found["maker"], found["serial"]) == (
        "device_uid",
        "device_manufacturer",
        "device_serial_number",
    )


def test_claroty_vulnerabilities_map_to_no_field_of_a_device() -> None:
    headers = "vulnerability_cve_ids, vulnerability_cvss_v3_score, vulnerability_epss_score, vulnerability_is_known_exploited, vulnerability_relevance, patch_install_date"
    assert _mapped(headers) == {}


def test_asimily_maps_right() -> None:
    assert _mapped(ASIMILY) == {
        "uid": "deviceID", "maker": "manufacturer", "model": "deviceModel", "serial": "serialNumber", "name": "deviceType", "mac": "macAddr",
        "ip": "v4IpAddrs + v6IpAddrs", "host": "hostName", "os": "os + osVersion", "facility": "facility", "unit": "department", "room": "location",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Cost Ctr Dept", {"unit": "Cost Ctr Dept"}),
        ("Cost Centre|Dept.", {"unit": "Dept."}),
        ("Rm|Stat", {"room": "Rm", "status": "Stat"}),
        ("Rm #|Asset Stat|Cost Ctr", {"room": "Rm #", "status": "Asset Stat", "unit": "Cost Ctr"}),
        ("Control No.|Ctrl|Acq. Cost|Cost Ctr", {"tag": "Control No.", "price": "Acq. Cost", "unit": "Cost Ctr"}),
        ("Stat Date|PM Rm Code", {}),
    ],
)  # fmt: skip
def test_clipped_words_of_departments_rooms_and_states_are_read(
    headers: str, expected: dict[str, str]
) -> None:
    assert _mapped(headers) == expected


def test_armis_maps_right_and_its_name_by_content() -> None:
    expected = {
        "uid": "id", "maker": "manufacturer", "model": "model", "mac": "macAddress", "ip": "ipaddress",
        "os": "operatingSystem + operatingSystemVersion", "facility": "site", "seen": "lastSeen",
    }  # fmt: skip
    assert _mapped(ARMIS) == {**expected, "name": "name"}
    hosts = {"name": ["icu-pump-01", "rad-ct-2", "host17"]}
    assert _mapped(ARMIS, hosts) == {**expected, "name": "type", "host": "name"}


def test_servicenow_maps_right() -> None:
    assert _mapped(SERVICENOW) == {
        "maker": "manufacturer", "model": "model name", "serial": "serial number", "name": "short description",
        "facility": "organization", "unit": "cost center",
    }  # fmt: skip


def test_vista_maps_right() -> None:
    assert _mapped(VISTA) == {
        "tag": "LOCAL IDENTIFIER", "uid": "ENTRY NUMBER", "maker": "MANUFACTURER", "model": "MODEL", "serial": "SERIAL #", "name": "MFGR. EQUIPMENT NAME",
        "owner": "RESPONSIBLE SHOP", "status": "USE STATUS", "purchased": "ACQUISITION DATE",
    }  # fmt: skip


def test_openmedis_maps_right_with_its_spelling_of_inventory() -> None:
    assert _mapped(OPENMEDIS) == {
        "tag": "InternalIventoryNumber", "uid": "AssetID", "model": "Model", "serial": "SerialNumber", "name": "GenericAssetName", "owner": "ResponsiblePers",
        "purchased": "PurchaseDate", "installed": "InstallationDate", "warranty": "WarrantyContractExp", "price": "PurchasePrice",
    }  # fmt: skip


def test_atlas_maps_right() -> None:
    assert _mapped(ATLAS) == {
        "tag": "Barcode", "uid": "ID", "serial": "Serial Number", "name": "Description", "facility": "Location Name", "unit": "Area",
        "owner": "Assigned To", "status": "Status", "warranty": "Warranty Expiration Date", "price": "Acquisition cost",
    }  # fmt: skip


def test_a_plain_hospital_list_maps_right() -> None:
    guessed = _guess(PLAIN)
    assert guessed.named() == {
        "maker": "manufacturer", "model": "model_number", "serial": "serial_number", "name": "name", "unit": "department",
        "purchased": "purchase_date", "installed": "installation_date",
    }  # fmt: skip
    assert [(g.column, g.field) for g in guessed.others] == [("vendor", "maker")]
    assert guessed.unmapped == ("is_critical_asset",)


def test_an_nmap_scan_maps_right_and_the_card_maker_is_not_the_device_maker() -> None:
    assert _mapped(NMAP) == {"mac": "mac", "ip": "ip", "host": "hostname", "os": "os", "seen": "last seen"}


def test_recalls_map_to_no_field_of_a_device() -> None:
    assert _mapped(RECALL) == {}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Asset No", "tag"), ("Control No.", "tag"), ("Equip. Ctrl #", "tag"), ("Mfr", "maker"), ("Mfg", "maker"), ("Make", "maker"), ("Hersteller", "maker"),
        ("Model Name", "model"), ("Model/Cat No", "model"), ("Mdl", "model"), ("S/N", "serial"), ("Ser. No.", "serial"), ("Serial#", "serial"), ("SERIAL_NUM", "serial"),
        ("Sérial Number", "serial"), ("SW Rev", "firmware"), ("FW Ver.", "firmware"), ("MAC Addr", "mac"), ("IPv4 Address", "ip"), ("Dept.", "unit"), ("In Service", "installed"),
        ("Manufactuer", "maker"), ("device_lastSeen", "seen"), ("Acq. Cost", "price"), ("Warr. Exp.", "warranty"),
    ],
)  # fmt: skip
def test_other_spellings_of_headers_map_right(header: str, field: str) -> None:
    assert _mapped(f"{header}|x y z") == {field: header}


def test_in_service_is_a_status_when_its_values_are_words() -> None:
    assert _mapped("In Service|x", {"In Service": ["yes", "no", "retired"]}) == {"status": "In Service"}
    assert _mapped("In Service|x", {"In Service": ["2020-01-02", "2021-03-04"]}) == {
        "installed": "In Service"
    }


@pytest.mark.parametrize(
    "header", ["First Seen", "Parent Asset Tag", "OS EOL Date", "Next PM", "Supplier ID", "Remarks"]
)
def test_headers_that_mean_another_thing_stay_unmapped(header: str) -> None:
    guessed = _guess(f"{header}|Serial")
    assert (guessed.named(), guessed.unmapped) == ({"serial": "Serial"}, (header,))


def test_addresses_are_found_by_content_under_any_header() -> None:
    samples = {
        "col a": ["00:1a:2b:3c:4d:5e", "001a.2b3c.4d5f"],
        "col b": ["10.0.0.1", "10.0.0.2"],
        "col c": ["x", "y"],
    }
    guessed = _guess("col a|col b|col c", samples)
    assert guessed.named() == {"mac": "col a", "ip": "col b"}
    assert [g.why for g in guessed.guesses] == [
        "content: MAC in 100% of the values",
        "content: IP address in 100% of the values",
    ]


def test_a_column_whose_content_contradicts_its_header_stays_unmapped() -> None:
    assert _mapped("Warranty|Serial", {"Warranty": ["yes", "no", "expired"]}) == {"serial": "Serial"}


def test_of_two_columns_for_a_field_the_filled_one_counts() -> None:
    assert (
        _mapped("Asset Tag|Control No|Model", {"Control No": ["C1"], "Model": ["x"]})["tag"] == "Control No"
    )


def test_several_mac_columns_fill_the_field_together() -> None:
    assert _mapped("LAN MAC|WLAN MAC|Serial") == {"serial": "Serial", "mac": "LAN MAC + WLAN MAC"}


def test_what_the_user_says_stands_above_the_guess() -> None:
    guessed = _guess(PLAIN, forced={"maker": "Vendor", "name": ""})
    assert guessed.chosen["maker"] == ("vendor",)
    assert "name" not in guessed.chosen
    assert next(g.why for g in guessed.guesses if g.field == "maker") == "as said"


def test_an_unknown_column_is_answered_with_near_names() -> None:
    with pytest.raises(BadUsage, match=r"no column 'serial_nr'; near it: serial_number"):
        _guess(PLAIN, forced={"serial": "serial_nr"})


def test_an_unknown_field_is_answered_with_near_names() -> None:
    with pytest.raises(BadUsage, match=r"no field 'serials'; near it: serial"):
        _guess(PLAIN, forced={"serials": "serial_number"})


@pytest.mark.parametrize(
    ("headers", "form", "kind"),
    [
        (f"{CLAROTY}, {CLAROTY_CMMS}", "csv", "security"), (ASIMILY, "json", "security"), (ARMIS, "csv", "security"), (SERVICENOW, "csv", "cmms"), (VISTA, "csv", "cmms"),
        (OPENMEDIS, "csv", "cmms"), (ATLAS, "csv", "cmms"), (PLAIN, "csv", "cmms"), (CLAROTY_CMMS, "csv", "cmms"), (NMAP, "nmap", "network"),
        ("mac_address|ip_address|hostname|vendor|vlan|last_seen", "csv", "network"), (RECALL, "csv", "other"), ("Asset No|Serial|Dept|Purchase Date|MAC|IP", "csv", "cmms"),
    ],
)  # fmt: skip
def test_the_kind_of_a_file_is_guessed_with_its_reason(headers: str, form: str, kind: str) -> None:
    guessed = _guess(headers)
    columns = [header.strip() for header in headers.split("|" if "|" in headers else ",")]
    found, why = kind_of(guessed.chosen, columns, form)
    assert (found, bool(why)) == (kind, True)


def test_an_unknown_kind_is_answered_with_near_names() -> None:
    with pytest.raises(BadUsage, match=r"near it: security"):
        mapping.known_kind("securty")


@pytest.mark.parametrize(
    ("header", "found"),
    [("device_macAddr_list", ("device", "mac", "address")), ("MFGR. S/N", ("manufacturer", "serial", "number")), ("IPv4Addrs", ("ip", "v4", "address")), ("Température", ("temperature",))],
)  # fmt: skip
def test_headers_fall_into_expanded_words(header: str, found: tuple[str, ...]) -> None:
    assert words(header) == found
