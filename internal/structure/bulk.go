package structure

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// What imports write: many structures in a few statements. They run in the act's
// own transaction, and the act journals itself: once, with its counts, for each
// entry is sealed while the whole journal waits.

// bulkChunk is how many structures a statement writes: it stays well under the
// time a statement has.
const bulkChunk = 1000

// AddRegister asks in a batch for every sheet of the register, in the order of their
// ids. The caller has checked that by runs the bodies.
func AddRegister(b *postgres.Batch, dst *[]Sheet) {
	postgres.AddList(b, dst, sheetSQL+` ORDER BY s.organisation_id`)
}

// errMeanwhile says that the register is no longer what a bulk act was prepared on.
var errMeanwhile = problem.New(problem.Conflict, "Le registre a changé pendant ce temps : relisez ce qui va être fait, puis recommencez.")

// bulkRow is a structure as statements on many take it: one object of a JSON list.
type bulkRow struct {
	ID               ID       `json:"organisation_id"`
	Name             string   `json:"name"`
	Category         string   `json:"category"`
	College          string   `json:"college"`
	SIRET            string   `json:"siret"`
	RNA              string   `json:"rna"`
	NationalID       string   `json:"national_id"`
	Source           string   `json:"source"`
	Parent           string   `json:"parent"`
	INSEE            string   `json:"insee"`
	Address          string   `json:"address"`
	AddressMore      string   `json:"address_more"`
	PostalCode       string   `json:"postal_code"`
	Latitude         *float64 `json:"latitude"`
	Longitude        *float64 `json:"longitude"`
	MetropoleWide    bool     `json:"metropole_wide"`
	Typology         []string `json:"typology"`
	Services         []string `json:"services"`
	Audiences        []string `json:"audiences"`
	SpecialCare      []string `json:"special_care"`
	Fees             []string `json:"fees"`
	Programmes       []string `json:"programmes"`
	Labels           []string `json:"labels"`
	OtherLabels      []string `json:"other_labels"`
	AccessModes      []string `json:"access_modes"`
	SupportModes     []string `json:"support_modes"`
	Mobility         []string `json:"mobility"`
	Summary          string   `json:"summary"`
	Detail           string   `json:"detail"`
	HoursText        string   `json:"hours_text"`
	Hours            string   `json:"hours"`
	Phone            string   `json:"phone"`
	Emails           []string `json:"emails"`
	Websites         []string `json:"websites"`
	AccessibilityURL string   `json:"accessibility_url"`
	AppointmentURL   string   `json:"appointment_url"`
	Aladdin          string   `json:"aladdin"`
	AdviserPosts     int      `json:"adviser_posts"`
	UpToDate         *string  `json:"up_to_date_at"`
	Version          int      `json:"version"`
}

// rowOf lays a sheet for a statement.
func rowOf(s Sheet) bulkRow {
	r := bulkRow{
		ID: s.ID, Name: s.Name, Category: category(s), College: string(s.College), SIRET: s.SIRET, RNA: s.RNA,
		NationalID: s.NationalID, Source: s.Source, Parent: s.Parent, INSEE: s.INSEE, Address: s.Address,
		AddressMore: s.AddressMore, PostalCode: s.PostalCode, Latitude: s.Latitude, Longitude: s.Longitude,
		MetropoleWide: s.MetropoleWide, Typology: s.Typology, Services: s.Services, Audiences: s.Audiences,
		SpecialCare: s.SpecialCare, Fees: s.Fees, Programmes: s.Programmes, Labels: s.Labels, OtherLabels: s.OtherLabels,
		AccessModes: s.AccessModes, SupportModes: s.SupportModes, Mobility: s.Mobility, Summary: s.Summary, Detail: s.Detail,
		HoursText: s.HoursText, Hours: s.Hours, Phone: s.Phone, Emails: s.Emails, Websites: s.Websites,
		AccessibilityURL: s.AccessibilityURL, AppointmentURL: s.AppointmentURL, Aladdin: string(s.Aladdin),
		AdviserPosts: s.AdviserPosts, Version: s.Version,
	}
	if !s.UpToDateAt.IsZero() {
		at := s.UpToDateAt.UTC().Format("2006-01-02T15:04:05.999999Z")
		r.UpToDate = &at
	}
	return r
}

// inChunks gives f the rows as JSON, some at a time.
func inChunks(rows []bulkRow, f func(list []byte, n int) error) error {
	for len(rows) > 0 {
		n := min(len(rows), bulkChunk)
		list, err := json.Marshal(rows[:n])
		if err != nil {
			return err
		}
		if err := f(list, n); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Told is a sheet that an import writes, and what the story of the structure says.
type Told struct {
	Sheet Sheet
	Note  string
}

// AddMany records structures that an import brings, without any agreement to
// publish. From a day on, they are members of the GNI with a seat each; without one
// (the zero day) they wait in the queue. It returns their ids, in order. A SIRET or
// national id already there is a Conflict.
func (s *Service) AddMany(ctx context.Context, tx pgx.Tx, by access.Actor, list []Told, from day.Day) ([]ID, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	if !from.IsZero() && from.Before(governance.Founded) {
		return nil, problem.OnField("debut", "La gouvernance existe depuis le "+french.Date(governance.Founded)+" : choisissez une date à partir de ce jour.")
	}
	ids, err := postgres.Values[ID](ctx, tx, `
		SELECT nextval(pg_get_serial_sequence('organisation', 'id')) FROM generate_series(1, $1)`, len(list))
	if err != nil {
		return nil, postgres.Wrap(err, "ids for %d structures", len(list))
	}
	state := Submitted
	if !from.IsZero() {
		state = Accepted
	}
	rows, notes := make([]bulkRow, len(list)), make([]string, len(list))
	for i, t := range list {
		rows[i], notes[i] = rowOf(t.Sheet), t.Note
		rows[i].ID = ids[i]
	}
	if err := inChunks(rows, func(list []byte, _ int) error { return addChunk(ctx, tx, list, state) }); err != nil {
		return nil, err
	}
	if !from.IsZero() {
		if err := seatMany(ctx, tx, ids, from); err != nil {
			return nil, err
		}
	}
	return ids, stepMany(ctx, tx, by, ids, notes)
}

func addChunk(ctx context.Context, tx pgx.Tx, list []byte, state State) error {
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO organisation (id, kind, name, category) OVERRIDING SYSTEM VALUE
		SELECT r.organisation_id, 'structure', r.name, r.category
		FROM jsonb_to_recordset($1::jsonb) AS r(organisation_id bigint, name text, category text)`, list); err != nil {
		return postgres.Wrap(err, "insert organisations")
	}
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure (organisation_id, state, origin, college, submitted_at, decided_at, up_to_date_at, siret, rna, national_id, source, parent,
		    insee, address, address_more, postal_code, latitude, longitude, metropole_wide, typology, services, audiences,
		    special_care, fees, programmes, labels, other_labels, access_modes, support_modes, mobility, summary, detail,
		    hours_text, hours, phone, emails, websites, accessibility_url, appointment_url, aladdin, adviser_posts)
		SELECT r.organisation_id, $2, 'import', r.college, CASE WHEN $2 = 'submitted' THEN now() END, CASE WHEN $2 = 'accepted' THEN now() END,
		    least(coalesce(r.up_to_date_at, now()), now()), r.siret, r.rna, r.national_id, r.source, r.parent, nullif(r.insee, ''), r.address, r.address_more,
		    r.postal_code, r.latitude, r.longitude, r.metropole_wide, coalesce(r.typology, '{}'), coalesce(r.services, '{}'),
		    coalesce(r.audiences, '{}'), coalesce(r.special_care, '{}'), coalesce(r.fees, '{}'), coalesce(r.programmes, '{}'),
		    coalesce(r.labels, '{}'), coalesce(r.other_labels, '{}'), coalesce(r.access_modes, '{}'), coalesce(r.support_modes, '{}'),
		    coalesce(r.mobility, '{}'), r.summary, r.detail, r.hours_text, r.hours, r.phone, coalesce(r.emails, '{}'),
		    coalesce(r.websites, '{}'), r.accessibility_url, r.appointment_url, r.aladdin, r.adviser_posts
		FROM jsonb_to_recordset($1::jsonb) AS r(organisation_id bigint, college text, siret text, rna text, national_id text, source text,
		    parent text, insee text, address text, address_more text, postal_code text, latitude double precision,
		    longitude double precision, metropole_wide boolean, typology text[], services text[], audiences text[],
		    special_care text[], fees text[], programmes text[], labels text[], other_labels text[], access_modes text[],
		    support_modes text[], mobility text[], summary text, detail text, hours_text text, hours text, phone text,
		    emails text[], websites text[], accessibility_url text, appointment_url text, aladdin text, adviser_posts smallint,
		    up_to_date_at timestamptz)`, list, string(state))
	return meanwhile(err, "insert structures")
}

// meanwhile tells a record that came since the act was prepared.
func meanwhile(err error, doing string) error {
	if postgres.Violates(err, "structure_siret_once") || postgres.Violates(err, "structure_national_id_once") {
		return errMeanwhile
	}
	return postgres.Wrap(err, "%s", doing)
}

// seatMany opens the vacant seat of each structure, in its college, from a day on.
func seatMany(ctx context.Context, tx pgx.Tx, ids []ID, from day.Day) error {
	for rest := ids; len(rest) > 0; {
		n := min(len(rest), bulkChunk)
		if _, err := postgres.Exec(ctx, tx, `
			INSERT INTO seat (kind, organisation_id, college, label, during)
			SELECT 'structure', s.organisation_id, s.college, o.name, daterange($2, NULL)
			FROM structure s JOIN organisation o ON o.id = s.organisation_id WHERE s.organisation_id = ANY($1)
			ORDER BY s.organisation_id`, rest[:n], from); err != nil {
			return postgres.Wrap(err, "open %d seats", n)
		}
		rest = rest[n:]
	}
	return nil
}

// stepMany writes in the story of each structure that a file brought it or changed it.
func stepMany(ctx context.Context, tx pgx.Tx, by access.Actor, ids []ID, notes []string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure_step (structure_id, kind, note, by_name, by_team)
		SELECT u.id, $1, u.note, $2, true FROM unnest($3::bigint[], $4::text[]) AS u(id, note)`,
		string(StepImported), by.Name, ids, notes)
	return postgres.Wrap(err, "steps of %d structures", len(ids))
}

// ChangeMany writes sheets over those of the register, each at the version it was
// read at: otherwise a Conflict. State, college and agreements stay as they are.
func (s *Service) ChangeMany(ctx context.Context, tx pgx.Tx, by access.Actor, list []Told) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	rows, ids, notes := make([]bulkRow, len(list)), make([]ID, len(list)), make([]string, len(list))
	for i, t := range list {
		rows[i], ids[i], notes[i] = rowOf(t.Sheet), t.Sheet.ID, t.Note
	}
	if err := inChunks(rows, func(list []byte, n int) error { return changeChunk(ctx, tx, list, n) }); err != nil {
		return err
	}
	return stepMany(ctx, tx, by, ids, notes)
}

func changeChunk(ctx context.Context, tx pgx.Tx, list []byte, n int) error {
	if _, err := postgres.Exec(ctx, tx, `
		WITH r AS (SELECT r.* FROM jsonb_to_recordset($1::jsonb) AS r(organisation_id bigint, name text, category text)),
		seats AS (
		    UPDATE seat t SET label = r.name, version = t.version + 1 FROM r JOIN organisation o ON o.id = r.organisation_id
		    WHERE t.organisation_id = r.organisation_id AND t.label = o.name AND o.name <> r.name
		)
		UPDATE organisation o SET name = r.name, category = r.category, version = o.version + 1
		FROM r WHERE o.id = r.organisation_id AND (o.name, o.category) IS DISTINCT FROM (r.name, r.category)`, list); err != nil {
		return postgres.Wrap(err, "rename organisations")
	}
	done, err := postgres.Exec(ctx, tx, `
		UPDATE structure s SET siret = r.siret, rna = r.rna, national_id = r.national_id, source = r.source, parent = r.parent,
		    insee = nullif(r.insee, ''), address = r.address, address_more = r.address_more, postal_code = r.postal_code,
		    latitude = r.latitude, longitude = r.longitude, metropole_wide = r.metropole_wide, typology = coalesce(r.typology, '{}'),
		    services = coalesce(r.services, '{}'), audiences = coalesce(r.audiences, '{}'), special_care = coalesce(r.special_care, '{}'),
		    fees = coalesce(r.fees, '{}'), programmes = coalesce(r.programmes, '{}'), labels = coalesce(r.labels, '{}'),
		    other_labels = coalesce(r.other_labels, '{}'), access_modes = coalesce(r.access_modes, '{}'),
		    support_modes = coalesce(r.support_modes, '{}'), mobility = coalesce(r.mobility, '{}'), summary = r.summary,
		    detail = r.detail, hours_text = r.hours_text, hours = r.hours, phone = r.phone, emails = coalesce(r.emails, '{}'),
		    websites = coalesce(r.websites, '{}'), accessibility_url = r.accessibility_url, appointment_url = r.appointment_url,
		    aladdin = r.aladdin, adviser_posts = r.adviser_posts, changed_at = now(), version = s.version + 1
		FROM jsonb_to_recordset($1::jsonb) AS r(organisation_id bigint, siret text, rna text, national_id text, source text, parent text,
		    insee text, address text, address_more text, postal_code text, latitude double precision, longitude double precision,
		    metropole_wide boolean, typology text[], services text[], audiences text[], special_care text[], fees text[],
		    programmes text[], labels text[], other_labels text[], access_modes text[], support_modes text[], mobility text[],
		    summary text, detail text, hours_text text, hours text, phone text, emails text[], websites text[],
		    accessibility_url text, appointment_url text, aladdin text, adviser_posts smallint, version integer)
		WHERE s.organisation_id = r.organisation_id AND s.version = r.version
		  AND s.state NOT IN ('refused', 'left', 'merged', 'lapsed')`, list)
	if err != nil {
		return meanwhile(err, "change structures")
	}
	if done != int64(n) {
		return errMeanwhile
	}
	return nil
}
