package structure

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// sheetSQL reads whole sheets; a WHERE on structure s follows.
const sheetSQL = `
	SELECT s.organisation_id, o.name, s.state, s.origin, s.college, coalesce(s.merged_into, 0) AS merged_into,
	       s.siret, s.rna, s.national_id, s.source, s.parent,
	       coalesce(s.insee, '') AS insee, coalesce(c.name, '') AS commune, s.address, s.address_more, s.postal_code,
	       s.latitude, s.longitude, s.metropole_wide, s.typology, s.services, s.audiences, s.special_care, s.fees,
	       s.programmes, s.labels, s.other_labels, s.access_modes, s.support_modes, s.mobility, s.summary, s.detail,
	       s.hours_text, s.hours, s.phone, s.emails, s.websites, s.accessibility_url, s.appointment_url,
	       s.aladdin, s.adviser_posts, s.publish_sheet, s.publish_contacts, s.share_national,
	       s.created_at, s.submitted_at, s.decided_at, s.up_to_date_at, s.changed_at, freshness(s.up_to_date_at) AS freshness, s.version
	FROM structure s JOIN organisation o ON o.id = s.organisation_id
	LEFT JOIN commune k ON k.insee = s.insee LEFT JOIN organisation c ON c.id = k.organisation_id`

// Load returns the whole sheet of a structure, whoever asks: the caller has checked
// the right, or shows Sheet.Public only.
func load(ctx context.Context, q postgres.Querier, id ID) (Sheet, error) {
	s, err := postgres.One[Sheet](ctx, q, sheetSQL+` WHERE s.organisation_id = $1`, id)
	if postgres.IsNoRows(err) {
		return Sheet{}, ErrNotFound
	}
	return s, postgres.Wrap(err, "load structure %d", id)
}

// lock keeps others from changing the structure until the transaction ends, and
// returns it; errStale when it is no longer at the version the form showed (0: any).
func lock(ctx context.Context, tx pgx.Tx, id ID, version int) (Sheet, error) {
	if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM structure WHERE organisation_id = $1 FOR UPDATE`, id); err != nil {
		return Sheet{}, postgres.Wrap(err, "lock structure %d", id)
	}
	s, err := load(ctx, tx, id)
	if err == nil && version != 0 && s.Version != version {
		return s, errStale
	}
	return s, err
}

// insert writes the row of a structure whose organisation exists.
func insert(ctx context.Context, tx pgx.Tx, s Sheet) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO structure (organisation_id, state, origin, college, submitted_at, insee)
		VALUES ($1, $2, $3, $4, CASE WHEN $2 IN ('submitted', 'unconfirmed') THEN now() END, nullif($5, ''))`,
		s.ID, string(s.State), string(s.Origin), string(s.College), s.INSEE)
	if err != nil {
		return postgres.Wrap(err, "insert structure %d", s.ID)
	}
	return write(ctx, tx, s)
}

// write writes the whole sheet over the row, one version later; state, college and
// dates are written by the acts that change them.
func write(ctx context.Context, tx pgx.Tx, s Sheet) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE structure SET
		    siret = $2, rna = $3, national_id = $4, source = $5, parent = $6, insee = nullif($7, ''), address = $8, address_more = $9,
		    postal_code = $10, latitude = $11, longitude = $12, metropole_wide = $13, typology = coalesce($14::text[], '{}'),
		    services = coalesce($15::text[], '{}'), audiences = coalesce($16::text[], '{}'), special_care = coalesce($17::text[], '{}'),
		    fees = coalesce($18::text[], '{}'), programmes = coalesce($19::text[], '{}'), labels = coalesce($20::text[], '{}'),
		    other_labels = coalesce($21::text[], '{}'), access_modes = coalesce($22::text[], '{}'),
		    support_modes = coalesce($23::text[], '{}'), mobility = coalesce($24::text[], '{}'), summary = $25, detail = $26,
		    hours_text = $27, hours = $28, phone = $29, emails = coalesce($30::text[], '{}'), websites = coalesce($31::text[], '{}'),
		    accessibility_url = $32, appointment_url = $33, aladdin = $34, adviser_posts = $35,
		    publish_sheet = $36, publish_contacts = $37, share_national = $38, changed_at = now(), version = version + 1
		WHERE organisation_id = $1`,
		s.ID, s.SIRET, s.RNA, s.NationalID, s.Source, s.Parent, s.INSEE, s.Address, s.AddressMore, s.PostalCode, s.Latitude, s.Longitude,
		s.MetropoleWide, s.Typology, s.Services, s.Audiences, s.SpecialCare, s.Fees, s.Programmes, s.Labels, s.OtherLabels,
		s.AccessModes, s.SupportModes, s.Mobility, s.Summary, s.Detail, s.HoursText, s.Hours, s.Phone, s.Emails, s.Websites,
		s.AccessibilityURL, s.AppointmentURL, string(s.Aladdin), s.AdviserPosts, s.PublishSheet, s.PublishContacts, s.ShareNational)
	if postgres.Violates(err, "structure_siret_once") {
		return errSIRET
	}
	return postgres.Wrap(err, "write structure %d", s.ID)
}

// setState moves a structure to another state, one version later.
func setState(ctx context.Context, tx pgx.Tx, id ID, to State) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE structure SET state = $2, version = version + 1,
		       decided_at = CASE WHEN $2 IN ('accepted', 'refused') THEN now() ELSE decided_at END,
		       submitted_at = CASE WHEN $2 = 'submitted' THEN now() ELSE submitted_at END
		WHERE organisation_id = $1`, id, string(to))
	if postgres.Violates(err, "structure_siret_once") {
		return errSIRET
	}
	return postgres.Wrap(err, "structure %d becomes %s", id, to)
}

// storySQL is the story of structure $1 and of those merged into it, the latest
// first, with the notes of the team if $2.
const storySQL = `
	SELECT t.kind, t.note, t.by_name, t.by_team, t.at FROM structure_step t
	WHERE (t.structure_id = $1 OR t.structure_id IN (SELECT organisation_id FROM structure WHERE merged_into = $1))
	  AND ($2 OR t.kind <> 'note')
	ORDER BY t.at DESC, t.id DESC LIMIT 200`
