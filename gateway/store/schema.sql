-- Written by `python -m gateway.store.schema`; write a migration, not this file.

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE printer (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	language TEXT NOT NULL, 
	model TEXT NOT NULL, 
	density TEXT NOT NULL, 
	media_width INTEGER NOT NULL, 
	media_height INTEGER NOT NULL, 
	evidence TEXT DEFAULT 'auto' NOT NULL, 
	mode TEXT DEFAULT 'exact' NOT NULL, 
	paused INTEGER DEFAULT 0 NOT NULL, 
	options TEXT DEFAULT '{}' NOT NULL, 
	told TEXT DEFAULT '{}' NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	deleted_at INTEGER, stock TEXT DEFAULT '' NOT NULL, setup TEXT DEFAULT '{}' NOT NULL, members TEXT, 
	CONSTRAINT printer_evidence CHECK (evidence IN ('auto', 'none')), 
	CONSTRAINT printer_media CHECK (media_width > 0 AND media_height > 0)
)
 STRICT

;

CREATE UNIQUE INDEX printer_name_taken ON printer (lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE template_version (
	version TEXT NOT NULL, 
	document TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (version)
)
 STRICT

;

CREATE TABLE template (
	name TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	note TEXT DEFAULT '' NOT NULL, 
	deleted INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (name, number), 
	FOREIGN KEY(version) REFERENCES template_version (version)
)
 STRICT

;

CREATE TABLE counter (
	template TEXT NOT NULL, 
	name TEXT NOT NULL, 
	next INTEGER NOT NULL, 
	PRIMARY KEY (template, name)
)
 STRICT

;

CREATE TABLE job (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	target INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	template TEXT, 
	version TEXT, 
	mode TEXT NOT NULL, 
	priority INTEGER DEFAULT 0 NOT NULL, 
	strict INTEGER DEFAULT 0 NOT NULL, 
	counted INTEGER DEFAULT 1 NOT NULL, 
	accepted_at INTEGER NOT NULL, 
	expires_at INTEGER, 
	ended_at INTEGER, 
	actor TEXT NOT NULL, 
	title TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	counters TEXT DEFAULT '{}' NOT NULL, 
	options TEXT DEFAULT '{}' NOT NULL, 
	state TEXT NOT NULL, 
	withdrawn INTEGER DEFAULT 0 NOT NULL, 
	labels INTEGER NOT NULL, 
	first_label INTEGER NOT NULL, 
	queued INTEGER DEFAULT 0 NOT NULL, 
	held INTEGER DEFAULT 0 NOT NULL, 
	sending INTEGER DEFAULT 0 NOT NULL, 
	sent INTEGER DEFAULT 0 NOT NULL, 
	printed INTEGER DEFAULT 0 NOT NULL, 
	uncertain INTEGER DEFAULT 0 NOT NULL, 
	cancelled INTEGER DEFAULT 0 NOT NULL, 
	expired INTEGER DEFAULT 0 NOT NULL, 
	failed INTEGER DEFAULT 0 NOT NULL, 
	dropped INTEGER DEFAULT 0 NOT NULL, 
	silent INTEGER DEFAULT 0 NOT NULL, needs TEXT DEFAULT '' NOT NULL, problem TEXT, 
	FOREIGN KEY(target) REFERENCES printer (id), 
	FOREIGN KEY(version) REFERENCES template_version (version), 
	CONSTRAINT job_counts_every_label CHECK (queued + held + sending + sent + printed + uncertain + cancelled + expired + failed + dropped = labels), 
	CONSTRAINT job_kind CHECK (kind IN ('template', 'raw', 'document'))
)
 STRICT

;

CREATE TABLE job_payload (
	job INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (job), 
	FOREIGN KEY(job) REFERENCES job (seq)
)
 STRICT

;

CREATE INDEX job_open ON job (seq) WHERE ended_at IS NULL;

CREATE INDEX job_expiring ON job (expires_at) WHERE expires_at IS NOT NULL AND ended_at IS NULL;

CREATE TABLE label (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	job INTEGER NOT NULL, 
	target INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	copy INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	evidence TEXT, 
	fields TEXT, 
	printer INTEGER, 
	marker TEXT, 
	counter_before INTEGER, 
	claim INTEGER, 
	returns INTEGER DEFAULT 0 NOT NULL, 
	problem TEXT, 
	reprint_of INTEGER, 
	subject TEXT, 
	sent_at INTEGER, 
	settled_at INTEGER, 
	FOREIGN KEY(job) REFERENCES job (seq), 
	CONSTRAINT label_state CHECK (state IN ('queued', 'held', 'sending', 'sent', 'printed', 'uncertain', 'cancelled', 'expired', 'failed', 'dropped')), 
	CONSTRAINT label_proved CHECK (state <> 'printed' OR evidence IS NOT NULL)
)
 STRICT

;

CREATE INDEX label_waiting ON label (target, rank, seq) WHERE state = 'queued';

CREATE INDEX label_unsettled ON label (printer, claim, seq) WHERE state IN ('sending', 'sent') AND evidence IS NULL;

CREATE INDEX label_uncertain ON label (printer, seq) WHERE state = 'uncertain';

CREATE INDEX label_reprinted ON label (reprint_of) WHERE reprint_of IS NOT NULL;

CREATE TABLE feed (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	body TEXT NOT NULL
)
 STRICT

;

CREATE TABLE request (
	actor TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	digest BLOB NOT NULL, 
	status INTEGER NOT NULL, 
	answer BLOB NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (actor, "key")
)
 STRICT

;

CREATE INDEX request_at ON request (at);

CREATE TABLE access_key (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	hash BLOB NOT NULL, 
	scopes TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	created_at INTEGER NOT NULL, 
	expires_at INTEGER, 
	revoked_at INTEGER, 
	used_at INTEGER, 
	PRIMARY KEY (id)
)
 STRICT

;

CREATE UNIQUE INDEX access_key_name_taken ON access_key (lower(name)) WHERE revoked_at IS NULL;

CREATE TABLE asset (
	hash TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	content BLOB NOT NULL, 
	at INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	PRIMARY KEY (hash), 
	CONSTRAINT asset_kind CHECK (kind IN ('font', 'picture'))
)
 STRICT

;

CREATE TABLE setting (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;

INSERT INTO alembic_version VALUES ('0002');
