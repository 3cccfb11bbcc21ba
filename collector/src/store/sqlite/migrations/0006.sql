-- What the overview counts by, so that it need not read bodies.
ALTER TABLE finding ADD COLUMN sensitivity TEXT;
UPDATE finding SET sensitivity = (SELECT body ->> '$.file.sensitivity' FROM finding_body b WHERE b.finding = finding.key);
ALTER TABLE device ADD COLUMN agent_version TEXT NOT NULL DEFAULT '';
UPDATE device SET agent_version = coalesce(fingerprint ->> '$.agent_version', '');
