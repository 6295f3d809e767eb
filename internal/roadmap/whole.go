package roadmap

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Fields is what the journal keeps of a sheet, in the words its readers know.
func (a Action) Fields() map[string]any {
	return map[string]any{"axe": a.Axis, "titre": a.Title, "objectif": a.Objective, "pilote": a.Pilot, "personne_pilote": a.PilotPerson,
		"instance": a.Body, "public": a.Audience, "debut": a.StartsOn, "fin": a.EndsOn, "priorite": a.Priority.Label(), "objectif_fne": a.FNE,
		"etat": a.Status.Label(), "motif": a.StatusReason, "toutes_les_communes": a.AllCommunes}
}

// AddWhole asks in a batch for actions with all their lines; finish assembles them
// once the batch has run. Those that do not exist are left out; the order is that of
// their numbers. What may be shown of them is the caller's.
func AddWhole(b *postgres.Batch, ids []ID) (finish func() []Whole) {
	var g wholeLists
	postgres.AddList(b, &g.actions, `SELECT `+Columns+Tables+` WHERE a.id = ANY ($1) ORDER BY a.number`, ids)
	postgres.AddList(b, &g.communes, `
		SELECT c.action_id, c.organisation_id, o.name, k.insee, '' AS part
		FROM action_commune c JOIN commune k USING (organisation_id) JOIN organisation o ON o.id = c.organisation_id
		WHERE c.action_id = ANY ($1) ORDER BY c.action_id, fold(o.name)`, ids)
	postgres.AddList(b, &g.partners, `
		SELECT p.action_id, p.organisation_id, o.name, '' AS insee, p.part
		FROM action_partner p JOIN organisation o ON o.id = p.organisation_id
		WHERE p.action_id = ANY ($1) ORDER BY p.action_id, fold(o.name), o.id`, ids)
	postgres.AddList(b, &g.steps, `
		SELECT id, action_id, position, title, milestone, due_on, done_on FROM action_step WHERE action_id = ANY ($1) ORDER BY action_id, position`, ids)
	postgres.AddList(b, &g.lines, `
		SELECT l.id, l.action_id, l.year, coalesce(l.funder_id, 0) AS funder_id, coalesce(o.name, l.funder) AS funder, l.nature,
		       l.planned_cents, l.obtained_cents, l.spent_cents, l.note, l.version
		FROM budget_line l LEFT JOIN organisation o ON o.id = l.funder_id
		WHERE l.action_id = ANY ($1) ORDER BY l.action_id, l.year, fold(coalesce(o.name, l.funder)), l.nature, l.id`, ids)
	postgres.AddList(b, &g.indicators, `
		SELECT id, action_id, position, name, unit, direction, by_commune, method, (baseline * 10000)::bigint AS baseline, baseline_on, version
		FROM action_indicator WHERE action_id = ANY ($1) ORDER BY action_id, position`, ids)
	postgres.AddList(b, &g.targets, `
		SELECT t.indicator_id, t.year, (t.value * 10000)::bigint AS value
		FROM indicator_target t JOIN action_indicator i ON i.id = t.indicator_id WHERE i.action_id = ANY ($1) ORDER BY t.indicator_id, t.year`, ids)
	postgres.AddList(b, &g.readings, `
		SELECT r.id, r.indicator_id, r.on_day, (r.value * 10000)::bigint AS value, r.source, r.by_name
		FROM indicator_reading r JOIN action_indicator i ON i.id = r.indicator_id WHERE i.action_id = ANY ($1) ORDER BY r.indicator_id, r.on_day`, ids)
	g.addLinks(b, ids)
	return g.assemble
}

// wholeLists are the lines of several actions, as they are read.
type wholeLists struct {
	actions    []Action
	communes   []Party
	partners   []Party
	steps      []Step
	lines      []Line
	indicators []Indicator
	targets    []Target
	readings   []Reading
	decisions  []DecisionRef
	meetings   []MeetingRef
	documents  []Document
}

func (g *wholeLists) addLinks(b *postgres.Batch, ids []ID) {
	postgres.AddList(b, &g.decisions, `
		SELECT l.action_id, d.id, d.kind, d.body, d.year, d.number, d.title, d.meeting_id, m.state = 'published' AS public
		FROM action_decision l JOIN decision d ON d.id = l.decision_id JOIN meeting m ON m.id = d.meeting_id
		WHERE l.action_id = ANY ($1) ORDER BY l.action_id, m.starts_at, d.id`, ids)
	postgres.AddList(b, &g.meetings, `
		SELECT l.action_id, m.id, m.body, m.starts_at, m.theme, m.announced AS public
		FROM action_meeting l JOIN meeting m ON m.id = l.meeting_id
		WHERE l.action_id = ANY ($1) ORDER BY l.action_id, m.starts_at, m.id`, ids)
	postgres.AddList(b, &g.documents, `
		SELECT l.id, l.action_id, l.title, l.public, f.id::text AS file_id, f.name, f.media_type, f.size, f.sha256, f.created_at
		FROM action_document l JOIN document f ON f.id = l.document_id
		WHERE l.action_id = ANY ($1) AND l.removed_at IS NULL ORDER BY l.action_id, l.added_at, l.id`, ids)
}

func (g *wholeLists) assemble() []Whole {
	all := make([]Whole, len(g.actions))
	at := make(map[ID]*Whole, len(g.actions))
	for i, a := range g.actions {
		all[i].Action = a
		at[a.ID] = &all[i]
	}
	g.assembleIndicators(at)
	for _, c := range g.communes {
		at[c.Action].Communes = append(at[c.Action].Communes, c)
	}
	for _, p := range g.partners {
		at[p.Action].Partners = append(at[p.Action].Partners, p)
	}
	for _, s := range g.steps {
		at[s.Action].Steps = append(at[s.Action].Steps, s)
	}
	for _, l := range g.lines {
		at[l.Action].Budget = append(at[l.Action].Budget, l)
	}
	for _, d := range g.decisions {
		at[d.Action].Decisions = append(at[d.Action].Decisions, d)
	}
	for _, m := range g.meetings {
		at[m.Action].Meetings = append(at[m.Action].Meetings, m)
	}
	for _, d := range g.documents {
		at[d.Action].Documents = append(at[d.Action].Documents, d)
	}
	return all
}

func (g *wholeLists) assembleIndicators(at map[ID]*Whole) {
	of := make(map[IndicatorID]*Indicator, len(g.indicators))
	for i := range g.indicators {
		of[g.indicators[i].ID] = &g.indicators[i]
	}
	for _, t := range g.targets {
		of[t.Indicator].Targets = append(of[t.Indicator].Targets, t)
	}
	for _, r := range g.readings {
		of[r.Indicator].Readings = append(of[r.Indicator].Readings, r)
	}
	for _, i := range g.indicators {
		at[i.Action].Indicators = append(at[i.Action].Indicators, i)
	}
}

// ReadWhole returns actions with all their lines, in one round trip.
func ReadWhole(ctx context.Context, db postgres.DB, ids []ID) ([]Whole, error) {
	var b postgres.Batch
	finish := AddWhole(&b, ids)
	if err := b.Run(ctx, db); err != nil {
		return nil, postgres.Wrap(err, "read %d actions", len(ids))
	}
	return finish(), nil
}

// ReadOne returns an action with all its lines, in one round trip.
func ReadOne(ctx context.Context, db postgres.DB, id ID) (Whole, error) {
	all, err := ReadWhole(ctx, db, []ID{id})
	if err != nil {
		return Whole{}, err
	}
	if len(all) == 0 {
		return Whole{}, ErrNotFound
	}
	return all[0], nil
}
