-- Facts are those of whoever found them: a version of the agent and what it looked for. Nobody has the number 0.
ALTER TABLE facts ADD COLUMN finder INTEGER NOT NULL DEFAULT 0;
