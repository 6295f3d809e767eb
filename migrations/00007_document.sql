-- Files: what people upload, and what the portal prints. One backup has all.

-- +goose Up
CREATE TABLE document (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text NOT NULL CONSTRAINT document_name_check
               CHECK (length(name) BETWEEN 1 AND 200 AND name !~ '[[:cntrl:]/\\]'),
    media_type text NOT NULL CONSTRAINT document_media_type_check CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+$'),
    size       bigint NOT NULL CONSTRAINT document_size_check CHECK (size BETWEEN 1 AND 20 * 1024 * 1024),
    sha256     bytea NOT NULL CONSTRAINT document_sha256_check CHECK (length(sha256) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT ''
);

-- The bytes, by pieces of 256 KB: a download never holds a whole file in memory.
CREATE TABLE document_chunk (
    document_id uuid NOT NULL REFERENCES document ON DELETE CASCADE,
    n           integer NOT NULL CONSTRAINT document_chunk_n_check CHECK (n >= 0),
    bytes       bytea NOT NULL CONSTRAINT document_chunk_bytes_check CHECK (length(bytes) BETWEEN 1 AND 262144),
    PRIMARY KEY (document_id, n)
);
ALTER TABLE document_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A page printed once is not printed again: digest is that of the HTML and of the
-- paper it was laid on.
CREATE TABLE printed (
    digest      bytea PRIMARY KEY CONSTRAINT printed_digest_check CHECK (length(digest) = 32),
    document_id uuid NOT NULL REFERENCES document,
    printed_at  timestamptz NOT NULL DEFAULT now(),
    read_at     timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE printed, document_chunk, document;
