-- Whom results are about, as 16 bytes: how an erasure finds them.
CREATE TABLE subjects (
    subject bytea NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    result_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (subject, tenant, result_id)
);
CREATE INDEX subjects_key ON subjects (tenant, result_id);

-- What was erased and never comes back, as 16 bytes, and the orders that said so.
CREATE TABLE tombstones (digest bytea PRIMARY KEY);
CREATE TABLE erasures (
    erasure_id text COLLATE "C" PRIMARY KEY,
    scores bigint NOT NULL,
    dead_letters bigint NOT NULL
);

-- What has still to be done to the files: tables to be written anew.
CREATE TABLE owed (relation text COLLATE "C" PRIMARY KEY);
