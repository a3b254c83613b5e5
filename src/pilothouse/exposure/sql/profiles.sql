-- Every distinct way in which devices are named (namings) and every distinct naming with a firmware (profiles).
-- Working tables are called exposing_..., in comments without it.
-- In: devices(row, device_id, maker, model, name, firmware, os, host). Unknown values may be null or empty.
CREATE OR REPLACE TEMP TABLE exposing_named_devices AS
SELECT "row", coalesce(device_id, '') AS device_id, coalesce(maker, '') AS maker, coalesce(model, '') AS model,
       coalesce("name", '') AS "name", coalesce(os, '') AS os, coalesce(firmware, '') AS firmware
FROM {devices};

CREATE OR REPLACE TEMP TABLE exposing_namings AS
SELECT row_number() OVER (ORDER BY maker, model, "name", os) AS naming, maker, model, "name", os
FROM (SELECT DISTINCT maker, model, "name", os FROM exposing_named_devices);

CREATE OR REPLACE TEMP TABLE exposing_firmwares AS
SELECT row_number() OVER (ORDER BY firmware) AS firmware_id, firmware
FROM (SELECT DISTINCT firmware FROM exposing_named_devices);

CREATE OR REPLACE TEMP TABLE exposing_profiled AS
SELECT d."row", d.device_id, n.naming, f.firmware_id
FROM exposing_named_devices d
JOIN exposing_namings n USING (maker, model, "name", os)
JOIN exposing_firmwares f USING (firmware);
