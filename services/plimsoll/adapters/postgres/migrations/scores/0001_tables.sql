-- What look-ups find, one row a result: where its visible row stands, and what the visible rule
-- has to remember of the others. Names are compared byte by byte, as in every other store.
CREATE TABLE results (
    tenant text COLLATE "C" NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    event_time timestamptz NOT NULL,
    revision bigint NOT NULL,
    log_partition bigint NOT NULL,
    log_offset bigint NOT NULL,
    -- The first scoring that came, as 16 bytes; further ones are in scorings.
    seen bytea NOT NULL,
    seen_revision bigint NOT NULL,
    seen_digest text NOT NULL,
    -- The input of the first event of revision 0.
    first_digest text,
    first_offset bigint,
    first_partition bigint,
    input_conflicts bigint NOT NULL,
    PRIMARY KEY (tenant, result_id)
);
-- For retention alone: results come about in the order of time.
CREATE INDEX results_time ON results USING brin (event_time);

-- The visible rows, by the time of their results. What no partition takes is in the default one.
CREATE SEQUENCE visible_sequence;
CREATE TABLE visible (
    tenant text COLLATE "C" NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    score_id text NOT NULL,
    revision bigint NOT NULL,
    input_digest text NOT NULL,
    content_digest text NOT NULL,
    topic text COLLATE "C" NOT NULL,
    log_partition bigint NOT NULL,
    log_offset bigint NOT NULL,
    event_time timestamptz NOT NULL,
    model text COLLATE "C" NOT NULL,
    task_kind text COLLATE "C" NOT NULL,
    verdict text COLLATE "C" NOT NULL,
    point double precision,
    lower double precision,
    input_conflicts bigint NOT NULL,
    sequence bigint NOT NULL DEFAULT nextval('visible_sequence'),
    payload bytea NOT NULL,
    PRIMARY KEY (event_time, tenant, result_id)
) PARTITION BY RANGE (event_time);
CREATE INDEX visible_tenant_time ON visible (tenant, event_time, result_id);
CREATE INDEX visible_position ON visible (topic, log_partition, log_offset);
CREATE TABLE visible_default PARTITION OF visible DEFAULT;

-- Distinct scorings of a result after the first one that came.
CREATE TABLE scorings (
    tenant text COLLATE "C" NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    scoring bytea NOT NULL,
    revision bigint NOT NULL,
    input_digest text NOT NULL,
    PRIMARY KEY (tenant, result_id, scoring)
);

CREATE TABLE dead_letters (
    source_topic text COLLATE "C" NOT NULL,
    source_partition bigint NOT NULL,
    source_offset bigint NOT NULL,
    source_index bigint NOT NULL,
    topic text COLLATE "C" NOT NULL,
    log_partition bigint NOT NULL,
    log_offset bigint NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    attempts bigint NOT NULL,
    event_time timestamptz NOT NULL,
    tenant text COLLATE "C",
    result_id text COLLATE "C",
    PRIMARY KEY (source_topic, source_partition, source_offset, source_index)
);
CREATE INDEX dead_letters_key ON dead_letters (tenant, result_id);
CREATE INDEX dead_letters_time ON dead_letters (event_time);

-- How far each partition has been projected, who may write it, and its part of the tallies.
CREATE TABLE offsets (
    topic text COLLATE "C" NOT NULL,
    log_partition bigint NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 1,
    visible bigint NOT NULL DEFAULT 0,
    dead bigint NOT NULL DEFAULT 0,
    events bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    conflicts bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (topic, log_partition)
) WITH (fillfactor = 50);

-- What retention has taken away of the tallies.
CREATE TABLE expired (visible bigint NOT NULL, dead bigint NOT NULL);
INSERT INTO expired VALUES (0, 0);

-- The visible row of a key: first when it is, then the one partition that holds it. As a join, every
-- partition would be looked into; as a function it is one round trip, planned once.
CREATE FUNCTION find_visible(of_tenant text, of_result text) RETURNS SETOF visible
LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    of_time timestamptz;
BEGIN
    SELECT r.event_time INTO of_time FROM results r
    WHERE r.tenant = of_tenant COLLATE "C" AND r.result_id = of_result COLLATE "C";
    RETURN QUERY SELECT v.* FROM visible v
    WHERE v.event_time = of_time AND v.tenant = of_tenant COLLATE "C"
        AND v.result_id = of_result COLLATE "C";
END
$$;
