-- Wrapped keys of evidence. In 32 parts, so that writing files anew after an erasure holds only the
-- part up in which keys were destroyed.
CREATE TABLE keys (
    tenant text COLLATE "C" NOT NULL,
    result bytea NOT NULL,
    subject bytea NOT NULL,
    master text COLLATE "C" NOT NULL,
    wrapped bytea NOT NULL,
    PRIMARY KEY (tenant, result, subject)
) PARTITION BY HASH (result);

DO $$
BEGIN
    FOR part IN 0..31 LOOP
        EXECUTE format(
            'CREATE TABLE keys_%s PARTITION OF keys FOR VALUES WITH (MODULUS 32, REMAINDER %s)',
            lpad(part::text, 2, '0'), part
        );
    END LOOP;
END
$$;
CREATE INDEX keys_subject ON keys (subject, tenant) WHERE subject <> '';

-- What was erased and gets no key again, as 16 bytes, and the orders that said so.
CREATE TABLE tombstones (digest bytea PRIMARY KEY);
CREATE TABLE erasures (erasure_id text COLLATE "C" PRIMARY KEY, keys bigint NOT NULL);
-- What has still to be done to the files.
CREATE TABLE owed (relation text PRIMARY KEY);

-- Whoever makes keys holds this lock shared, whoever erases holds it alone: no key is made for what
-- is being erased. Each statement of the body sees what was committed before it.
CREATE FUNCTION keep_key(
    for_tenant text, for_result bytea, for_subject bytea, by_tenant bytea,
    fresh_master text, fresh_wrapped bytea
) RETURNS TABLE (kept_master text, kept_wrapped bytea) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('plimsoll keys', 0));
    IF EXISTS (
        SELECT 1 FROM tombstones WHERE digest IN (for_result, for_subject, by_tenant)
    ) THEN
        RETURN;
    END IF;
    INSERT INTO keys (tenant, result, subject, master, wrapped)
    VALUES (for_tenant, for_result, for_subject, fresh_master, fresh_wrapped)
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT k.master, k.wrapped FROM keys k
    WHERE k.tenant = for_tenant AND k.result = for_result AND k.subject = for_subject;
END
$$;
