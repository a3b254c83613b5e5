-- Every distinct way in which devices are named (namings) and every distinct naming with a firmware (profiles).
-- In: devices(row, device_id, maker, model, name, firmware, os, host). Unknown values may be null or empty.
CREATE OR REPLACE TEMP TABLE named_devices AS
SELECT "row", coalesce(device_id, '') AS device_id, coalesce(maker, '') AS maker, coalesce(model, '') AS model,
       coalesce("name", '') AS "name", coalesce(os, '') AS os, coalesce(firmware, '') AS firmware
FROM {devices};

CREATE OR REPLACE TEMP TABLE namings AS
SELECT row_number() OVER (ORDER BY maker, model, "name", os) AS naming, maker, model, "name", os
FROM (SELECT DISTINCT maker, model, "name", os FROM named_devices);

CREATE OR REPLACE TEMP TABLE firmwares AS
SELECT row_number() OVER (ORDER BY firmware) AS firmware_id, firmware
FROM (SELECT DISTINCT firmware FROM named_devices);

CREATE OR REPLACE TEMP TABLE profiled AS
SELECT d."row", d.device_id, n.naming, f.firmware_id
FROM named_devices d
JOIN namings n USING (maker, model, "name", os)
JOIN firmwares f USING (firmware);
