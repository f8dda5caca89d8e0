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
	deleted_at INTEGER, stock TEXT DEFAULT '' NOT NULL, setup TEXT DEFAULT '{}' NOT NULL, members TEXT, daemon INTEGER, 
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
	silent INTEGER DEFAULT 0 NOT NULL, needs TEXT DEFAULT '' NOT NULL, problem TEXT, proof TEXT, 
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

CREATE TABLE place (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	code TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT 'site' NOT NULL, 
	parent INTEGER, 
	active INTEGER DEFAULT 1 NOT NULL, 
	gln TEXT DEFAULT '' NOT NULL, 
	barcode TEXT DEFAULT '' NOT NULL, 
	external_id TEXT, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	FOREIGN KEY(parent) REFERENCES place (id), 
	CONSTRAINT place_kind CHECK (kind IN ('site', 'zone', 'bin', 'quarantine', 'staging', 'in_transit'))
)
 STRICT

;

CREATE UNIQUE INDEX place_code_taken ON place (lower(code));

CREATE UNIQUE INDEX place_external ON place (lower(external_id));

CREATE INDEX place_inside ON place (parent) WHERE parent IS NOT NULL;

CREATE TABLE party (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	code TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	kind TEXT NOT NULL, 
	active INTEGER DEFAULT 1 NOT NULL, 
	gln TEXT DEFAULT '' NOT NULL, 
	external_id TEXT, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	CONSTRAINT party_kind CHECK (kind IN ('customer', 'supplier', 'both', 'carrier'))
)
 STRICT

;

CREATE UNIQUE INDEX party_code_taken ON party (lower(code));

CREATE UNIQUE INDEX party_external ON party (lower(external_id));

CREATE TABLE operator (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	badge TEXT NOT NULL, 
	pin_hash BLOB, 
	roles TEXT DEFAULT '[]' NOT NULL, 
	active INTEGER DEFAULT 1 NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL
)
 STRICT

;

CREATE UNIQUE INDEX operator_badge_taken ON operator (lower(badge));

CREATE TABLE item (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	sku TEXT NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT 'stock' NOT NULL, 
	tracking TEXT DEFAULT 'none' NOT NULL, 
	stock_tracked INTEGER DEFAULT 1 NOT NULL, 
	active INTEGER DEFAULT 1 NOT NULL, 
	gtin TEXT, 
	base_uom TEXT DEFAULT 'pc' NOT NULL, 
	serial_prefix TEXT DEFAULT '' NOT NULL, 
	serial_next TEXT DEFAULT '1' NOT NULL, 
	serial_width INTEGER DEFAULT 5 NOT NULL, 
	serial_suffix TEXT DEFAULT '' NOT NULL, 
	serial_mask TEXT DEFAULT '' NOT NULL, 
	serial_case TEXT DEFAULT 'fold' NOT NULL, 
	split_space INTEGER DEFAULT 1 NOT NULL, 
	reorder_point INTEGER, 
	warranty_in INTEGER, 
	warranty_out INTEGER, 
	service_every INTEGER, 
	account_codes TEXT DEFAULT '{}' NOT NULL, 
	tax_code TEXT DEFAULT '' NOT NULL, 
	variant_of INTEGER, 
	external_id TEXT, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	FOREIGN KEY(variant_of) REFERENCES item (id), 
	CONSTRAINT item_kind CHECK (kind IN ('stock', 'assembly', 'kit', 'non_stock')), 
	CONSTRAINT item_tracking CHECK (tracking IN ('none', 'lot', 'serial')), 
	CONSTRAINT item_stock_tracked CHECK (tracking = 'none' OR stock_tracked = 1), 
	CONSTRAINT item_not_trackable CHECK (tracking = 'none' OR kind IN ('stock', 'assembly')), 
	CONSTRAINT item_serial_case CHECK (serial_case IN ('fold', 'exact'))
)
 STRICT

;

CREATE UNIQUE INDEX sku_taken ON item (lower(sku));

CREATE UNIQUE INDEX gtin_taken ON item (lower(gtin));

CREATE UNIQUE INDEX item_external ON item (lower(external_id));

CREATE TABLE item_uom (
	item INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	factor INTEGER NOT NULL, 
	PRIMARY KEY (item, code), 
	FOREIGN KEY(item) REFERENCES item (id), 
	CONSTRAINT uom_factor CHECK (factor >= 1)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE item_member (
	item INTEGER NOT NULL, 
	member INTEGER NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (item, member), 
	FOREIGN KEY(item) REFERENCES item (id), 
	FOREIGN KEY(member) REFERENCES item (id), 
	CONSTRAINT member_quantity CHECK (quantity >= 1), 
	CONSTRAINT member_of_itself CHECK (item <> member)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE sync_mark (
	item INTEGER NOT NULL, 
	system TEXT NOT NULL, 
	external_id TEXT DEFAULT '' NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (item, system), 
	FOREIGN KEY(item) REFERENCES item (id)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE barcode (
	value TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	target INTEGER NOT NULL, 
	symbology TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (value, kind, target), 
	CONSTRAINT barcode_kind CHECK (kind IN ('item', 'package', 'location', 'document', 'party', 'operator'))
)
 WITHOUT ROWID,
 STRICT

;

CREATE INDEX barcode_of ON barcode (kind, target);

CREATE TABLE field_def (
	scope TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	label TEXT DEFAULT '' NOT NULL, 
	type TEXT DEFAULT 'text' NOT NULL, 
	choices TEXT DEFAULT '[]' NOT NULL, 
	required_at TEXT DEFAULT '[]' NOT NULL, 
	searchable INTEGER DEFAULT 0 NOT NULL, 
	rank INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (scope, "key"), 
	CONSTRAINT field_scope CHECK (scope IN ('serial', 'item', 'lot', 'document', 'location', 'party')), 
	CONSTRAINT field_type CHECK (type IN ('text', 'number', 'date', 'yes_no', 'choice'))
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE reorder (
	item INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	point INTEGER NOT NULL, 
	below INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (item, place), 
	FOREIGN KEY(item) REFERENCES item (id)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE lot (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	item INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	made_on TEXT, 
	expires_on TEXT, 
	held TEXT, 
	document INTEGER, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	memo TEXT DEFAULT '' NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	FOREIGN KEY(item) REFERENCES item (id)
)
 STRICT

;

CREATE UNIQUE INDEX lot_code_taken ON lot (item, lower(code));

CREATE TABLE life (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	item INTEGER NOT NULL, 
	serial TEXT NOT NULL, 
	serial_key TEXT NOT NULL, 
	number INTEGER DEFAULT 1 NOT NULL, 
	state TEXT NOT NULL, 
	held TEXT, 
	label_state TEXT DEFAULT 'none' NOT NULL, 
	place INTEGER, 
	lot INTEGER, 
	parent INTEGER, 
	supplier INTEGER, 
	customer INTEGER, 
	cost INTEGER, 
	currency TEXT, 
	price INTEGER, 
	price_currency TEXT, 
	warranty_in TEXT, 
	warranty_out TEXT, 
	service_due TEXT, 
	received_at INTEGER, 
	shipped_at INTEGER, 
	seen_at INTEGER, 
	seen_place INTEGER, 
	memo TEXT DEFAULT '' NOT NULL, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	event INTEGER NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	FOREIGN KEY(item) REFERENCES item (id), 
	FOREIGN KEY(place) REFERENCES place (id), 
	FOREIGN KEY(lot) REFERENCES lot (id), 
	FOREIGN KEY(parent) REFERENCES life (id), 
	FOREIGN KEY(supplier) REFERENCES party (id), 
	FOREIGN KEY(customer) REFERENCES party (id), 
	CONSTRAINT life_label_state CHECK (label_state IN ('none', 'pending', 'sent', 'printed', 'uncertain'))
)
 STRICT

;

CREATE UNIQUE INDEX life_serial ON life (serial_key, item, number);

CREATE UNIQUE INDEX serial_in_custody ON life ((serial_key || ''), item) WHERE state IN ('received', 'committed', 'picked', 'in_transit', 'returned', 'rejected');

CREATE UNIQUE INDEX serial_planned_elsewhere ON life ((serial_key || ''), item) WHERE state = 'planned';

CREATE INDEX life_of_item ON life (item, state, id);

CREATE INDEX life_at_place ON life (place, id) WHERE place IS NOT NULL;

CREATE INDEX life_in_lot ON life (lot, id) WHERE lot IS NOT NULL;

CREATE INDEX life_in_parent ON life (parent, id) WHERE parent IS NOT NULL;

CREATE INDEX life_of_customer ON life (customer, id) WHERE customer IS NOT NULL;

CREATE INDEX life_of_supplier ON life (supplier, id) WHERE supplier IS NOT NULL;

CREATE INDEX life_in_state ON life (state, id);

CREATE INDEX life_received ON life (received_at, id) WHERE received_at IS NOT NULL;

CREATE INDEX life_shipped ON life (shipped_at, id) WHERE shipped_at IS NOT NULL;

CREATE INDEX life_label ON life (label_state, id) WHERE label_state IN ('pending', 'uncertain');

CREATE INDEX life_held ON life (held, id) WHERE held IS NOT NULL;

CREATE INDEX life_warranty ON life (warranty_out, id) WHERE warranty_out IS NOT NULL;

CREATE INDEX label_of_subject ON label (subject) WHERE subject IS NOT NULL;

CREATE TABLE serial_alias (
	serial_key TEXT NOT NULL, 
	life INTEGER NOT NULL, 
	serial TEXT NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (serial_key, life), 
	FOREIGN KEY(life) REFERENCES life (id)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE life_value (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	life INTEGER NOT NULL, 
	PRIMARY KEY ("key", value, life), 
	FOREIGN KEY(life) REFERENCES life (id)
)
 WITHOUT ROWID,
 STRICT

;

CREATE INDEX life_values ON life_value (life);

CREATE TABLE document (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	type TEXT NOT NULL, 
	number TEXT NOT NULL, 
	status TEXT DEFAULT 'draft' NOT NULL, 
	party INTEGER, 
	from_place INTEGER, 
	to_place INTEGER, 
	source INTEGER, 
	external_ref TEXT DEFAULT '' NOT NULL, 
	external_id TEXT, 
	currency TEXT DEFAULT '' NOT NULL, 
	due_on TEXT, 
	reason TEXT DEFAULT '' NOT NULL, 
	memo TEXT DEFAULT '' NOT NULL, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	done_at INTEGER, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	FOREIGN KEY(party) REFERENCES party (id), 
	FOREIGN KEY(from_place) REFERENCES place (id), 
	FOREIGN KEY(to_place) REFERENCES place (id), 
	FOREIGN KEY(source) REFERENCES document (id), 
	CONSTRAINT document_type CHECK (type IN ('purchase_order', 'receipt', 'sales_order', 'shipment', 'invoice', 'customer_return', 'supplier_return', 'work_order', 'transfer', 'write_off', 'stocktake', 'adjustment', 'case')), 
	CONSTRAINT document_status CHECK (status IN ('draft', 'open', 'in_progress', 'done', 'cancelled'))
)
 STRICT

;

CREATE UNIQUE INDEX document_number_taken ON document (type, lower(number));

CREATE UNIQUE INDEX document_external ON document (type, lower(external_id));

CREATE INDEX document_by_number ON document (lower(number));

CREATE INDEX document_of_party ON document (party, id) WHERE party IS NOT NULL;

CREATE INDEX document_source ON document (source) WHERE source IS NOT NULL;

CREATE INDEX document_unfinished ON document (type, id) WHERE status IN ('draft', 'open', 'in_progress');

CREATE TABLE document_line (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	document INTEGER NOT NULL, 
	rank INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	uom TEXT DEFAULT '' NOT NULL, 
	uom_quantity INTEGER NOT NULL, 
	quantity INTEGER NOT NULL, 
	reserved INTEGER DEFAULT 0 NOT NULL, 
	committed INTEGER DEFAULT 0 NOT NULL, 
	picked INTEGER DEFAULT 0 NOT NULL, 
	done INTEGER DEFAULT 0 NOT NULL, 
	price INTEGER, 
	cost INTEGER, 
	currency TEXT DEFAULT '' NOT NULL, 
	place INTEGER, 
	kit_line INTEGER, 
	source_line INTEGER, 
	open INTEGER DEFAULT 1 NOT NULL, 
	memo TEXT DEFAULT '' NOT NULL, 
	attrs TEXT DEFAULT '{}' NOT NULL, 
	external_id TEXT, 
	FOREIGN KEY(document) REFERENCES document (id), 
	FOREIGN KEY(item) REFERENCES item (id), 
	FOREIGN KEY(place) REFERENCES place (id), 
	FOREIGN KEY(kit_line) REFERENCES document_line (id), 
	FOREIGN KEY(source_line) REFERENCES document_line (id), 
	CONSTRAINT line_quantity CHECK (quantity >= 0), 
	CONSTRAINT line_counts CHECK (reserved >= 0 AND committed >= 0 AND picked >= 0 AND done >= 0)
)
 STRICT

;

CREATE INDEX line_of_document ON document_line (document, rank);

CREATE INDEX line_of_item ON document_line (item, id);

CREATE INDEX line_open ON document_line (item, document) WHERE open = 1;

CREATE INDEX line_source ON document_line (source_line) WHERE source_line IS NOT NULL;

CREATE TABLE line_life (
	line INTEGER NOT NULL, 
	life INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	note TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (line, life, role), 
	FOREIGN KEY(line) REFERENCES document_line (id), 
	FOREIGN KEY(life) REFERENCES life (id), 
	CONSTRAINT line_role CHECK (role IN ('wanted', 'planned', 'committed', 'picked', 'done', 'counted', 'rejected'))
)
 WITHOUT ROWID,
 STRICT

;

CREATE INDEX line_of_life ON line_life (life, line);

CREATE UNIQUE INDEX serial_committed_elsewhere ON line_life ((life + 0)) WHERE role IN ('planned', 'committed', 'picked');

CREATE TABLE line_lot (
	line INTEGER NOT NULL, 
	lot INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (line, lot, place, role), 
	FOREIGN KEY(line) REFERENCES document_line (id), 
	CONSTRAINT line_lot_quantity CHECK (quantity > 0)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE stock (
	item INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	lot INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	held INTEGER NOT NULL, 
	serials INTEGER NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (item, place, lot, state, held, serials), 
	CONSTRAINT quantity_unavailable CHECK (quantity >= 0)
)
 WITHOUT ROWID,
 STRICT

;

CREATE INDEX stock_at_place ON stock (place, item) WHERE quantity > 0;

CREATE INDEX stock_of_lot ON stock (lot) WHERE lot > 0;

CREATE TABLE event (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	uid TEXT NOT NULL, 
	chain TEXT DEFAULT 'main' NOT NULL, 
	at INTEGER NOT NULL, 
	recorded_at INTEGER NOT NULL, 
	action TEXT NOT NULL, 
	document INTEGER, 
	line INTEGER, 
	party INTEGER, 
	actor TEXT NOT NULL, 
	station TEXT DEFAULT '' NOT NULL, 
	operator TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	body TEXT DEFAULT '{}' NOT NULL, 
	movements INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	corrects INTEGER, 
	prev_hash BLOB NOT NULL, 
	hash BLOB NOT NULL, 
	synced_at INTEGER
)
 STRICT

;

CREATE UNIQUE INDEX event_uid ON event (lower(uid));

CREATE UNIQUE INDEX event_corrected ON event ((corrects + 0));

CREATE INDEX event_chain ON event (chain, seq);

CREATE INDEX event_of_document ON event (document, seq) WHERE document IS NOT NULL;

CREATE INDEX event_by_action ON event (action, seq);

CREATE TABLE movement (
	event INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	life INTEGER, 
	item INTEGER NOT NULL, 
	lot INTEGER, 
	quantity INTEGER DEFAULT 1 NOT NULL, 
	from_state TEXT, 
	to_state TEXT, 
	from_place INTEGER, 
	to_place INTEGER, 
	was TEXT, 
	PRIMARY KEY (event, n)
)
 WITHOUT ROWID,
 STRICT

;

CREATE INDEX movement_of_life ON movement (life, event) WHERE life IS NOT NULL;

CREATE INDEX movement_of_lot ON movement (lot, event) WHERE life IS NULL;

CREATE TABLE event_item (
	item INTEGER NOT NULL, 
	event INTEGER NOT NULL, 
	quantity INTEGER NOT NULL, 
	PRIMARY KEY (item, event)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TABLE transition (
	action TEXT NOT NULL, 
	from_state TEXT NOT NULL, 
	to_state TEXT NOT NULL, 
	PRIMARY KEY (action, from_state, to_state)
)
 WITHOUT ROWID,
 STRICT

;

CREATE TRIGGER movement_fixed BEFORE UPDATE ON movement BEGIN SELECT RAISE(ABORT, 'record_append_only'); END;

CREATE TRIGGER event_fixed BEFORE UPDATE ON event WHEN OLD.seq <> NEW.seq OR OLD.hash <> NEW.hash OR OLD.prev_hash <> NEW.prev_hash OR OLD.digest <> NEW.digest OR OLD.body <> NEW.body OR OLD.action <> NEW.action OR OLD.actor <> NEW.actor OR OLD.at <> NEW.at BEGIN SELECT RAISE(ABORT, 'record_append_only'); END;

CREATE TRIGGER event_chained BEFORE INSERT ON event WHEN NEW.prev_hash <> coalesce((SELECT hash FROM event WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1), x'') BEGIN SELECT RAISE(ABORT, 'event_chain_broken'); END;

CREATE TRIGGER life_begins BEFORE INSERT ON life WHEN NOT EXISTS (SELECT 1 FROM event e JOIN transition x ON x.action = e.action WHERE e.seq = NEW.event AND x.from_state = '' AND x.to_state = NEW.state) BEGIN SELECT RAISE(ABORT, 'transition_not_allowed'); END;

CREATE TRIGGER life_moves BEFORE UPDATE OF state ON life WHEN OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM event e JOIN transition x ON x.action = e.action WHERE e.seq = NEW.event AND x.from_state = OLD.state AND x.to_state = NEW.state) AND NOT EXISTS (SELECT 1 FROM event e JOIN movement m ON m.event = e.corrects WHERE e.seq = NEW.event AND m.life = NEW.id AND m.to_state = OLD.state AND coalesce(m.from_state, 'cancelled') = NEW.state) BEGIN SELECT RAISE(ABORT, 'transition_not_allowed'); END;

CREATE TABLE daemon (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	uid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	made_at INTEGER NOT NULL
)
 STRICT

;

CREATE UNIQUE INDEX daemon_uid_taken ON daemon (lower(uid));

CREATE TABLE station (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	title TEXT DEFAULT '' NOT NULL, 
	place INTEGER, 
	printer INTEGER, 
	template TEXT DEFAULT '' NOT NULL, 
	modes TEXT DEFAULT '[]' NOT NULL, 
	options TEXT DEFAULT '{}' NOT NULL, 
	access_key TEXT, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	deleted_at INTEGER, 
	FOREIGN KEY(place) REFERENCES place (id), 
	FOREIGN KEY(printer) REFERENCES printer (id), 
	FOREIGN KEY(access_key) REFERENCES access_key (id)
)
 STRICT

;

CREATE UNIQUE INDEX station_name_taken ON station (lower(name)) WHERE deleted_at IS NULL;

CREATE TABLE station_session (
	station INTEGER NOT NULL, 
	value TEXT NOT NULL, 
	changed_at INTEGER NOT NULL, 
	PRIMARY KEY (station), 
	FOREIGN KEY(station) REFERENCES station (id)
)
 STRICT

;

CREATE TABLE scanner (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	options TEXT DEFAULT '{}' NOT NULL, 
	station INTEGER, 
	paused INTEGER DEFAULT 0 NOT NULL, 
	daemon INTEGER, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL, 
	FOREIGN KEY(station) REFERENCES station (id)
)
 STRICT

;

CREATE UNIQUE INDEX scanner_name_taken ON scanner (lower(name));

CREATE INDEX scanner_station ON scanner (station);

CREATE TABLE scan (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at INTEGER NOT NULL, 
	station INTEGER, 
	scanner INTEGER, 
	source TEXT DEFAULT '' NOT NULL, 
	sequence INTEGER, 
	code TEXT NOT NULL, 
	raw BLOB NOT NULL, 
	aim TEXT DEFAULT '' NOT NULL, 
	outcome TEXT NOT NULL, 
	refusal TEXT DEFAULT '' NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	event INTEGER, 
	operator TEXT DEFAULT '' NOT NULL, 
	actor TEXT NOT NULL, 
	answer TEXT DEFAULT '' NOT NULL, sentence TEXT DEFAULT '' NOT NULL, 
	FOREIGN KEY(station) REFERENCES station (id), 
	CONSTRAINT scan_outcome CHECK (outcome IN ('done', 'look', 'refused', 'asked'))
)
 STRICT

;

CREATE UNIQUE INDEX scan_once ON scan (coalesce(station, 0), source, sequence) WHERE sequence IS NOT NULL;

CREATE INDEX scan_station ON scan (station, id);

CREATE INDEX scan_at ON scan (at);

CREATE INDEX scan_answer ON scan (at) WHERE answer <> '';

CREATE TABLE webhook (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	uid TEXT NOT NULL, 
	url TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	old_secret TEXT DEFAULT '' NOT NULL, 
	old_until INTEGER, 
	kinds TEXT DEFAULT '[]' NOT NULL, 
	stations TEXT DEFAULT '[]' NOT NULL, 
	private INTEGER DEFAULT 1 NOT NULL, 
	active INTEGER DEFAULT 1 NOT NULL, 
	seen INTEGER NOT NULL, 
	trouble TEXT DEFAULT '' NOT NULL, 
	sender INTEGER, 
	sending_until INTEGER DEFAULT 0 NOT NULL, 
	version INTEGER DEFAULT 1 NOT NULL, 
	created_at INTEGER NOT NULL, 
	changed_at INTEGER NOT NULL
)
 STRICT

;

CREATE UNIQUE INDEX webhook_name_taken ON webhook (lower(name));

CREATE TABLE webhook_delivery (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	webhook INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	next_at INTEGER, 
	status INTEGER, 
	error TEXT DEFAULT '' NOT NULL, 
	at INTEGER NOT NULL, 
	FOREIGN KEY(webhook) REFERENCES webhook (id), 
	CONSTRAINT webhook_delivery_state CHECK (state IN ('waiting', 'dead'))
)
 STRICT

;

CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (webhook, entry);

CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at) WHERE state = 'waiting';

CREATE TABLE publisher (
	name TEXT NOT NULL, 
	seen INTEGER NOT NULL, 
	sender INTEGER, 
	sending_until INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;

CREATE TABLE saved_view (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	list TEXT NOT NULL, 
	name TEXT NOT NULL, 
	"query" TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	created_at INTEGER NOT NULL
)
 STRICT

;

CREATE UNIQUE INDEX saved_view_name_taken ON saved_view (list, lower(name));

CREATE INDEX scan_by_outcome ON scan (outcome, id);

CREATE INDEX scan_by_operator ON scan (operator, id);

CREATE INDEX scan_by_scanner ON scan (scanner, id);

CREATE INDEX job_of_target ON job (target, seq);

CREATE TABLE figure (
	what TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	whose INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	PRIMARY KEY (what, at, whose, cause)
)
 WITHOUT ROWID,
 STRICT

;

CREATE INDEX feed_kind ON feed (kind, seq) WHERE kind NOT IN ('job.accepted', 'job.done', 'job.printing', 'job.queued', 'label.printed', 'label.sent', 'scan.asked', 'scan.done', 'scan.look', 'scan.refused');

CREATE INDEX job_not_done ON job (seq) WHERE state IN ('failed', 'cancelled');

CREATE INDEX life_in_lot_state ON life (lot, state) WHERE lot IS NOT NULL;

CREATE INDEX reorder_below ON reorder (item, place) WHERE below = 1;

CREATE TRIGGER event_kept BEFORE DELETE ON event WHEN OLD.chain <> 'example' BEGIN SELECT RAISE(ABORT, 'record_append_only'); END;

CREATE TRIGGER movement_kept BEFORE DELETE ON movement WHEN NOT EXISTS (SELECT 1 FROM event e WHERE e.seq = OLD.event AND e.chain = 'example') BEGIN SELECT RAISE(ABORT, 'record_append_only'); END;

CREATE TRIGGER life_kept BEFORE DELETE ON life WHEN NOT EXISTS (SELECT 1 FROM event e WHERE e.seq = OLD.event AND e.chain = 'example') BEGIN SELECT RAISE(ABORT, 'record_append_only'); END;

CREATE TABLE template_draft (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	document TEXT NOT NULL, 
	version TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	base INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	at INTEGER NOT NULL
)
 STRICT

;

CREATE UNIQUE INDEX template_draft_of ON template_draft (lower(name));

CREATE TABLE template_request (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	version TEXT NOT NULL, 
	base INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	decided_by TEXT DEFAULT '' NOT NULL, 
	decided_at INTEGER, 
	reason TEXT DEFAULT '' NOT NULL, 
	number INTEGER, 
	CONSTRAINT template_request_state CHECK (state IN ('waiting', 'approved', 'rejected', 'withdrawn')), 
	FOREIGN KEY(version) REFERENCES template_version (version)
)
 STRICT

;

CREATE INDEX template_request_of ON template_request (lower(name), id);

CREATE UNIQUE INDEX template_request_waiting ON template_request (lower(name)) WHERE state = 'waiting';

CREATE TABLE label_stock (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	title TEXT NOT NULL, 
	maker TEXT NOT NULL, 
	part TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	tracking TEXT NOT NULL, 
	material TEXT NOT NULL, 
	shape TEXT NOT NULL, 
	across INTEGER NOT NULL, 
	core INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	changed_at INTEGER NOT NULL
)
 STRICT

;

CREATE UNIQUE INDEX label_stock_name_taken ON label_stock (lower(name));

CREATE INDEX job_of_template ON job (template, seq) WHERE template IS NOT NULL;

INSERT INTO alembic_version VALUES ('0008');
