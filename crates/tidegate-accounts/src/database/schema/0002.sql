-- What its holder calls a token; often nothing.
ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';
