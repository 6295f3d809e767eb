package roadmap

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Rows that one statement writes: lines of jsonb_to_recordset. Action is the rank of
// the action among those inserted, from 1.
type (
	actionRow struct {
		Ord, Number                               int
		Axis                                      AxisID
		Title, Objective                          string
		Pilot, Proposer                           OrganisationID
		Person                                    access.PersonID
		Body, ProposedBy, Audience, Priority, FNE string
		Starts, Ends, Since, Validated            *day.Day
		Status, Reason, Confidence, Validation    string
		Percent                                   *int
		AllCommunes                               bool
	}
	stepRow struct {
		Action, Position int
		Title            string
		Milestone        bool
		Due, Done        *day.Day
	}
	lineRow struct {
		Action, Year             int
		Funder                   OrganisationID
		Name, Nature, Note       string
		Planned, Obtained, Spent Cents
	}
	indicatorRow struct {
		Action, Position              int
		Name, Unit, Direction, Method string
		ByCommune                     bool
		Baseline                      *int64 // ten-thousandths, as all values here
		BaselineOn                    *day.Day
	}
	targetRow struct {
		Action, Indicator, Year int
		Value                   int64
	}
	readingRow struct {
		Action, Indicator int
		Day               day.Day
		Value             int64
		Source            string
	}
	partyRow struct {
		Action       int
		Organisation OrganisationID
		Part         string
	}
)

// Insert writes actions with all their lines and returns their ids, in their order:
// the screens, the import and the demonstration all come here. An action whose Number
// is 0 takes the next one. Links with decisions, meetings and documents are not
// written: those have acts of their own. It refuses, with a French message, what Check
// refuses and what the schema does.
func Insert(ctx context.Context, tx pgx.Tx, by access.Actor, all []Whole) ([]ID, error) {
	rows, err := actionRows(all)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if _, err := postgres.Exec(ctx, tx, `SELECT pg_advisory_xact_lock(hashtext('roadmap_action.number'))`); err != nil {
		return nil, postgres.Wrap(err, "lock the numbers of actions")
	}
	ids, err := insertActions(ctx, tx, rows)
	if err != nil {
		return nil, err
	}
	if err := insertLines(ctx, tx, by, ids, all); err != nil {
		return nil, err
	}
	return ids, recordAdded(ctx, tx, by, ids)
}

func insertActions(ctx context.Context, tx pgx.Tx, rows []actionRow) ([]ID, error) {
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	ids, err := postgres.Values[ID](ctx, tx, `
		WITH new AS (
			SELECT * FROM jsonb_to_recordset($1::jsonb) AS n("Ord" int, "Number" int, "Axis" bigint, "Title" text, "Objective" text,
			    "Pilot" bigint, "Proposer" bigint, "Person" bigint, "Body" text, "ProposedBy" text, "Audience" text, "Priority" text, "FNE" text,
			    "Starts" date, "Ends" date, "Since" date, "Validated" date, "Status" text, "Reason" text, "Confidence" text,
			    "Validation" text, "Percent" smallint, "AllCommunes" boolean)
		), top AS (SELECT greatest((SELECT coalesce(max(number), 0) FROM roadmap_action), (SELECT max("Number") FROM new)) AS n)
		INSERT INTO roadmap_action (number, axis_id, title, objective, pilot_id, pilot_person_id, body, proposed_by, proposer_id, audience,
		    starts_on, ends_on, priority, fne_objective, status, status_reason, status_since, confidence, percent, all_communes, validated_on, validation)
		SELECT CASE WHEN "Number" > 0 THEN "Number" ELSE top.n + row_number() OVER (PARTITION BY "Number" > 0 ORDER BY "Ord") END,
		       "Axis", "Title", "Objective", nullif("Pilot", 0), nullif("Person", 0), "Body", nullif("ProposedBy", ''), nullif("Proposer", 0),
		       "Audience", "Starts", "Ends", "Priority", "FNE", "Status", "Reason", coalesce("Since", paris_today()), "Confidence", "Percent",
		       "AllCommunes", "Validated", "Validation"
		FROM new, top ORDER BY "Ord" RETURNING id`, string(text))
	return ids, named(err, "insert %d actions", len(rows))
}

func actionRows(all []Whole) ([]actionRow, error) {
	rows := make([]actionRow, len(all))
	for i, w := range all {
		if w.Priority == "" {
			w.Priority = Normal
		}
		if w.Status == "" {
			w.Status = Proposed
		}
		if err := w.Check(); err != nil {
			return nil, err
		}
		rows[i] = actionRow{Ord: i + 1, Number: w.Number, Axis: w.AxisID, Title: w.Title, Objective: w.Objective, Pilot: w.PilotID,
			Proposer: w.ProposerID, Person: w.PilotPersonID, Body: string(w.Body), ProposedBy: string(w.ProposedBy), Audience: w.Audience,
			Priority: string(w.Priority), FNE: w.FNE, Starts: opt(w.StartsOn), Ends: opt(w.EndsOn), Since: opt(w.StatusSince),
			Validated: opt(w.ValidatedOn), Status: string(w.Status), Reason: w.StatusReason, Confidence: string(w.Confidence),
			Validation: w.Validation, Percent: w.Percent, AllCommunes: w.AllCommunes}
	}
	return rows, nil
}

// opt is nil for no day, which JSON then writes null.
func opt(d day.Day) *day.Day {
	if d.IsZero() {
		return nil
	}
	return &d
}

// linesOf gathers the lines of all actions, each with the rank of its action.
type linesOf struct {
	Steps      []stepRow      `json:",omitempty"`
	Lines      []lineRow      `json:",omitempty"`
	Indicators []indicatorRow `json:",omitempty"`
	Targets    []targetRow    `json:",omitempty"`
	Readings   []readingRow   `json:",omitempty"`
	Communes   []partyRow     `json:",omitempty"`
	Partners   []partyRow     `json:",omitempty"`
}

func gather(all []Whole) linesOf {
	var l linesOf
	for i, w := range all {
		a := i + 1
		for n, s := range w.Steps {
			l.Steps = append(l.Steps, stepRow{Action: a, Position: n + 1, Title: s.Title, Milestone: s.Milestone, Due: opt(s.DueOn), Done: opt(s.DoneOn)})
		}
		for _, b := range w.Budget {
			name := b.FunderName
			if b.FunderID != 0 {
				name = ""
			}
			l.Lines = append(l.Lines, lineRow{Action: a, Year: b.Year, Funder: b.FunderID, Name: name, Nature: string(b.Nature), Note: b.Note,
				Planned: b.Planned, Obtained: b.Obtained, Spent: b.Spent})
		}
		for n, in := range w.Indicators {
			row := indicatorRow{Action: a, Position: n + 1, Name: in.Name, Unit: in.Unit, Direction: string(in.Direction), Method: in.Method,
				ByCommune: in.ByCommune, BaselineOn: opt(in.BaselineOn)}
			if in.Baseline != nil {
				row.Baseline = (*int64)(in.Baseline)
			}
			l.Indicators = append(l.Indicators, row)
			for _, t := range in.Targets {
				l.Targets = append(l.Targets, targetRow{Action: a, Indicator: n + 1, Year: t.Year, Value: int64(t.Value)})
			}
			for _, r := range in.Readings {
				l.Readings = append(l.Readings, readingRow{Action: a, Indicator: n + 1, Day: r.On, Value: int64(r.Value), Source: r.Source})
			}
		}
		for _, c := range w.Communes {
			l.Communes = append(l.Communes, partyRow{Action: a, Organisation: c.ID})
		}
		for _, p := range w.Partners {
			l.Partners = append(l.Partners, partyRow{Action: a, Organisation: p.ID, Part: p.Part})
		}
	}
	return l
}

// insertLines writes the lines of all actions, in one statement a table.
func insertLines(ctx context.Context, tx pgx.Tx, by access.Actor, ids []ID, all []Whole) error {
	text, err := json.Marshal(gather(all))
	if err != nil {
		return err
	}
	for _, sql := range []insertSQL{communesIn, partnersIn, stepsIn, linesIn, indicatorsIn, targetsIn} {
		if err := sql(ctx, tx, ids, string(text)); err != nil {
			return err
		}
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO indicator_reading (indicator_id, on_day, value, source, by_name)
		SELECT i.id, r."Day", r."Value" / 10000.0, r."Source", $3
		FROM jsonb_to_recordset($2::jsonb -> 'Readings') AS r("Action" int, "Indicator" int, "Day" date, "Value" numeric, "Source" text)
		JOIN action_indicator i ON i.action_id = ($1::bigint[])[r."Action"] AND i.position = r."Indicator"`, ids, string(text), by.Name)
	return named(err, "insert readings")
}

// insertSQL writes one table of what gather gathered.
type insertSQL func(ctx context.Context, tx pgx.Tx, ids []ID, text string) error

func communesIn(ctx context.Context, tx pgx.Tx, ids []ID, text string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO action_commune (action_id, organisation_id)
		SELECT ($1::bigint[])[c."Action"], c."Organisation"
		FROM jsonb_to_recordset($2::jsonb -> 'Communes') AS c("Action" int, "Organisation" bigint)
		UNION SELECT a.id, k.organisation_id FROM roadmap_action a CROSS JOIN commune k WHERE a.id = ANY ($1) AND a.all_communes`, ids, text)
	return named(err, "insert communes")
}

func partnersIn(ctx context.Context, tx pgx.Tx, ids []ID, text string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO action_partner (action_id, organisation_id, part)
		SELECT ($1::bigint[])[p."Action"], p."Organisation", p."Part"
		FROM jsonb_to_recordset($2::jsonb -> 'Partners') AS p("Action" int, "Organisation" bigint, "Part" text)`, ids, text)
	return named(err, "insert partners")
}

func stepsIn(ctx context.Context, tx pgx.Tx, ids []ID, text string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO action_step (action_id, position, title, milestone, due_on, done_on)
		SELECT ($1::bigint[])[s."Action"], s."Position", s."Title", s."Milestone", s."Due", s."Done"
		FROM jsonb_to_recordset($2::jsonb -> 'Steps') AS s("Action" int, "Position" smallint, "Title" text, "Milestone" boolean, "Due" date, "Done" date)`, ids, text)
	return named(err, "insert steps")
}

func linesIn(ctx context.Context, tx pgx.Tx, ids []ID, text string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO budget_line (action_id, year, funder_id, funder, nature, planned_cents, obtained_cents, spent_cents, note)
		SELECT ($1::bigint[])[l."Action"], l."Year", nullif(l."Funder", 0), l."Name", l."Nature", l."Planned", l."Obtained", l."Spent", l."Note"
		FROM jsonb_to_recordset($2::jsonb -> 'Lines') AS l("Action" int, "Year" smallint, "Funder" bigint, "Name" text, "Nature" text, "Note" text,
		     "Planned" bigint, "Obtained" bigint, "Spent" bigint)`, ids, text)
	return named(err, "insert budget lines")
}

func indicatorsIn(ctx context.Context, tx pgx.Tx, ids []ID, text string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO action_indicator (action_id, position, name, unit, direction, method, by_commune, baseline, baseline_on)
		SELECT ($1::bigint[])[i."Action"], i."Position", i."Name", i."Unit", i."Direction", i."Method", i."ByCommune", i."Baseline" / 10000.0, i."BaselineOn"
		FROM jsonb_to_recordset($2::jsonb -> 'Indicators') AS i("Action" int, "Position" smallint, "Name" text, "Unit" text, "Direction" text,
		     "Method" text, "ByCommune" boolean, "Baseline" numeric, "BaselineOn" date)`, ids, text)
	return named(err, "insert indicators")
}

func targetsIn(ctx context.Context, tx pgx.Tx, ids []ID, text string) error {
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO indicator_target (indicator_id, year, value)
		SELECT i.id, t."Year", t."Value" / 10000.0
		FROM jsonb_to_recordset($2::jsonb -> 'Targets') AS t("Action" int, "Indicator" int, "Year" smallint, "Value" numeric)
		JOIN action_indicator i ON i.action_id = ($1::bigint[])[t."Action"] AND i.position = t."Indicator"`, ids, text)
	return named(err, "insert targets")
}

// recordAdded journals each action as it was written.
func recordAdded(ctx context.Context, tx pgx.Tx, by access.Actor, ids []ID) error {
	added, err := ReadWhole(ctx, tx, ids)
	if err != nil {
		return err
	}
	entries := make([]audit.Entry, len(added))
	for i, a := range added {
		entries[i] = audit.Entry{Action: "roadmap.add", Object: "roadmap_action", ID: int64(a.ID), Label: a.Label(), After: a.Fields()}
	}
	return audit.RecordMany(ctx, tx, by, entries)
}
