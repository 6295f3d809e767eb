package campaign

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

var (
	errPointStale = problem.New(problem.Conflict, "Ce point a changé pendant votre lecture : relisez-le, puis recommencez.")
	errWhy        = problem.OnField("motif", "Dites pourquoi, en une phrase.")
	errWhyLong    = problem.OnField("motif", "Gardez 1 000 caractères au plus.")
)

// Point is a report of a campaign with what surrounds it.
type Point struct {
	Campaign   Campaign
	Report     progress.Report
	Answer     Answer
	Before     []progress.Figure   // of the report before the campaign
	Indicators []roadmap.Indicator // asked of each commune for the action
	Next       progress.ReportID   // the next to read, 0 for none
}

const pointSQL = `SELECT ` + progress.Columns + progress.Tables + ` WHERE r.id = $1 AND r.campaign_id = $2`

// Point returns a report of the campaign: ErrNoReport when it is of another one.
func (s *Service) Point(ctx context.Context, by access.Actor, id ID, point progress.ReportID) (Point, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Point{}, err
	}
	var (
		v       Point
		found   []Campaign
		reports []progress.Report
		answers []Answer
		figures []progress.Figure
		files   []progress.Document
		next    []struct {
			ID progress.ReportID `db:"id"`
		}
		b postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &reports, pointSQL, point, id)
	postgres.AddList(&b, &answers, answerSQL+` AND r.id = $2`, id, point)
	postgres.AddList(&b, &figures, `
		SELECT f.report_id, f.indicator_id, i.name, i.unit, (f.value * 10000)::bigint AS value
		FROM report_figure f JOIN action_indicator i ON i.id = f.indicator_id WHERE f.report_id = $1 ORDER BY i.position`, point)
	progress.AddDocuments(&b, &files, point)
	postgres.AddList(&b, &v.Before, `
		SELECT f.report_id, f.indicator_id, i.name, i.unit, (f.value * 10000)::bigint AS value
		FROM report_figure f JOIN action_indicator i ON i.id = f.indicator_id
		WHERE f.report_id = (SELECT p.id FROM progress_report r JOIN campaign c ON c.id = r.campaign_id
		      JOIN progress_report p ON p.organisation_id = r.organisation_id AND p.action_id = r.action_id AND p.at < c.opened_at
		           AND p.campaign_id IS DISTINCT FROM c.id
		      WHERE r.id = $1 ORDER BY p.at DESC, p.id DESC LIMIT 1) ORDER BY i.position`, point)
	postgres.AddList(&b, &v.Indicators, `
		SELECT i.id, i.action_id, i.position, i.name, i.unit, i.direction, i.by_commune, i.method, (i.baseline * 10000)::bigint AS baseline,
		       i.baseline_on, i.version
		FROM action_indicator i JOIN progress_report r ON r.action_id = i.action_id WHERE r.id = $1 AND i.by_commune ORDER BY i.position`, point)
	postgres.AddList(&b, &next, `
		SELECT r.id FROM progress_report r JOIN campaign_question q USING (campaign_id, action_id, organisation_id)
		WHERE r.campaign_id = $1 AND r.state = 'sent' AND r.id <> $2 ORDER BY r.at, r.id LIMIT 1`, id, point)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "point of a campaign")
	}
	c, err := only(found)
	switch {
	case err != nil:
		return v, err
	case len(reports) == 0:
		return v, progress.ErrNoReport
	}
	v.Campaign, v.Report = c, reports[0]
	v.Report.Figures, v.Report.Documents = figures, files
	if len(answers) > 0 {
		v.Answer = answers[0]
	}
	if len(next) > 0 {
		v.Next = next[0].ID
	}
	return v, nil
}

// onPoint runs f on a report of a campaign that is not closed, both locked. The closing
// takes the campaign's lock too: what the pack holds was settled before, or never is.
func (s *Service) onPoint(ctx context.Context, by access.Actor, id ID, point progress.ReportID, version int,
	f func(pgx.Tx, Campaign, roadmap.Action, progress.Report) error) error {
	if err := roadmap.RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		c, err := lock(ctx, tx, id, 0)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `SELECT 1 FROM progress_report WHERE id = $1 FOR UPDATE`, point); err != nil {
			return postgres.Wrap(err, "lock report %d", point)
		}
		r, err := postgres.One[progress.Report](ctx, tx, pointSQL, point, id)
		switch {
		case postgres.IsNoRows(err):
			return progress.ErrNoReport
		case err != nil:
			return postgres.Wrap(err, "load report %d", point)
		case c.ClosedAt != nil:
			return errClosed
		case r.Version != version || r.State == progress.Replaced:
			return errPointStale
		}
		if r.Figures, err = progress.FiguresOf(ctx, tx, []progress.ReportID{point}); err != nil {
			return err
		}
		a, err := roadmap.Load(ctx, tx, r.Action)
		if err != nil {
			return err
		}
		return f(tx, c, a, r)
	})
}

// Accept makes a report the word of its organisation: public, and counted.
func (s *Service) Accept(ctx context.Context, by access.Actor, id ID, point progress.ReportID, version int) error {
	return s.onPoint(ctx, by, id, point, version, func(tx pgx.Tx, _ Campaign, a roadmap.Action, old progress.Report) error {
		if old.State == progress.Accepted {
			return problem.New(problem.Conflict, "Ce point est déjà accepté.")
		}
		r, err := progress.Settle(ctx, tx, by, point, progress.Accepted, "")
		if err != nil {
			return err
		}
		return roadmap.Record(ctx, tx, by, "report_accept", a, said(old), said(r))
	})
}

// AskBack asks the organisation to say more, with the reason; who reported gets it by mail.
func (s *Service) AskBack(ctx context.Context, by access.Actor, id ID, point progress.ReportID, version int, reason string) error {
	if err := checkWhy(reason); err != nil {
		return err
	}
	return s.onPoint(ctx, by, id, point, version, func(tx pgx.Tx, c Campaign, a roadmap.Action, old progress.Report) error {
		r, err := progress.Settle(ctx, tx, by, point, progress.AskedBack, reason)
		if err != nil {
			return err
		}
		if err := roadmap.Record(ctx, tx, by, "report_ask", a, said(old), said(r)); err != nil {
			return err
		}
		m := s.askMail("campaign_ask", a, reason)
		m.Paragraphs = append(m.Paragraphs, french.Typo("Complétez votre point avant le "+french.DateTime(c.ClosesAt)+"."))
		return s.tell(ctx, tx, r, m)
	})
}

// askMail asks for more on a report, with the team's reason.
func (s *Service) askMail(kind string, a roadmap.Action, reason string) notify.Mail {
	return notify.Mail{Kind: kind, Subject: french.Typo("Une précision sur « " + a.Title + " »"), Action: "Compléter le point",
		Link:       s.baseURL + "/mes-actions/" + idText(a.ID) + "/point",
		Paragraphs: []string{french.Typo("Merci pour votre point sur « " + a.Title + " ». Avant de le retenir, l’équipe de Bordeaux Métropole vous demande une précision :"), reason}}
}

// Correct replaces a report by the team's, which says why; who reported gets it by mail.
func (s *Service) Correct(ctx context.Context, by access.Actor, id ID, point progress.ReportID, version int, r progress.Report, why string) error {
	if err := checkWhy(why); err != nil {
		return err
	}
	return s.onPoint(ctx, by, id, point, version, func(tx pgx.Tx, c Campaign, a roadmap.Action, old progress.Report) error {
		r.Action, r.Organisation, r.Campaign, r.Replaces, r.NothingNew = old.Action, old.Organisation, id, old.ID, false
		before, err := postgres.Values[*int](ctx, tx, `SELECT percent FROM (`+previousSQL+`) p`, id, old.Organisation, old.Action)
		if err != nil {
			return postgres.Wrap(err, "percent before")
		}
		var last *int
		if len(before) > 0 {
			last = before[0]
		}
		if err := r.Check(last); err != nil {
			return err
		}
		if err := checkFigures(ctx, tx, old.Action, r.Figures); err != nil {
			return err
		}
		kept, err := progress.Insert(ctx, tx, by, r)
		if err != nil {
			return err
		}
		if kept, err = progress.Settle(ctx, tx, by, kept.ID, progress.Accepted, why); err != nil {
			return err
		}
		if err := roadmap.Record(ctx, tx, by, "report_correct", a, said(old), said(kept)); err != nil {
			return err
		}
		return s.tell(ctx, tx, old, notify.Mail{Kind: "campaign_correct", Subject: french.Typo("Votre point sur « " + a.Title + " » a été corrigé"), Action: "Lire le point corrigé",
			Link: s.baseURL + "/feuille-de-route/actions/" + idText(a.ID),
			Paragraphs: []string{french.Typo("L’équipe de Bordeaux Métropole a corrigé votre point sur « " + a.Title + " », pour la raison suivante :"), why,
				"Votre texte est conservé. Si la correction ne convient pas, répondez à ce message."}})
	})
}

const previousSQL = `
	SELECT p.percent FROM progress_report p JOIN campaign c ON c.id = $1
	WHERE p.organisation_id = $2 AND p.action_id = $3 AND p.at < c.opened_at AND p.campaign_id IS DISTINCT FROM c.id
	ORDER BY p.at DESC, p.id DESC LIMIT 1`

// checkFigures refuses figures of indicators that are not asked of communes for the action.
func checkFigures(ctx context.Context, tx pgx.Tx, action roadmap.ID, figures []progress.Figure) error {
	ids := make([]roadmap.IndicatorID, len(figures))
	for i, f := range figures {
		ids[i] = f.Indicator
	}
	n, err := postgres.Value[int](ctx, tx, `SELECT count(*) FROM action_indicator WHERE action_id = $1 AND by_commune AND id = ANY ($2)`, action, ids)
	if err == nil && n != len(ids) {
		return problem.New(problem.Invalid, "Un des chiffres ne correspond plus à un indicateur de l’action : rechargez la page.")
	}
	return postgres.Wrap(err, "indicators of action %d", action)
}

func checkWhy(why string) error {
	switch {
	case why == "":
		return errWhy
	case utf8.RuneCountInString(why) > 1000:
		return errWhyLong
	}
	return nil
}

// tell writes to who made the report; to the people of the organisation when that
// person cannot be written to.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, r progress.Report, m notify.Mail) error {
	all, err := postgres.List[Person](ctx, tx, `
		SELECT $2::bigint AS organisation_id, p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email FROM person p WHERE p.id = $3
		UNION ALL SELECT * FROM (`+peopleSQL+`) l`, []CommuneID{r.Organisation}, r.Organisation, r.Person)
	if err != nil {
		return postgres.Wrap(err, "who made report %d", r.ID)
	}
	var mails []notify.Mail
	for i, p := range all {
		if !notify.Deliverable(p.Email) || i > 0 && p.ID == r.Person {
			continue
		}
		one := m
		one.ToAddress, one.ToName = p.Email, p.Name
		mails = append(mails, one)
		if p.ID == r.Person {
			break
		}
	}
	_, err = s.outbox.QueueMany(ctx, tx, mails)
	return err
}

// Plain returns the reports waiting that have neither difficulty nor fall.
func (s *Service) Plain(ctx context.Context, by access.Actor, id ID) (Campaign, []Answer, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Campaign{}, nil, err
	}
	var (
		found []Campaign
		list  []Answer
		b     postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &list, answerSQL+` AND `+plainSQL+` ORDER BY r.at, r.id LIMIT $2`, id, plainMost)
	if err := b.Run(ctx, s.db); err != nil {
		return Campaign{}, nil, postgres.Wrap(err, "plain reports")
	}
	c, err := only(found)
	return c, list, err
}

// plainMost is how many reports are accepted at once: what a page can show.
const plainMost = 300

// AcceptPlain accepts the reports listed that are still waiting, without difficulty nor
// fall: what arrived or changed since the page was read stays. It returns how many.
func (s *Service) AcceptPlain(ctx context.Context, by access.Actor, id ID, points []progress.ReportID) (accepted int, err error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		c, err := lock(ctx, tx, id, 0)
		switch {
		case err != nil:
			return err
		case c.ClosedAt != nil:
			return errClosed
		}
		rows, err := postgres.List[struct {
			Report progress.ReportID `db:"id"`
			Action int64             `db:"action_id"`
			Label  string            `db:"label"`
		}](ctx, tx, `
			WITH plain AS (SELECT report_id FROM (`+answerSQL+` AND `+plainSQL+` AND r.id = ANY ($2)) l),
			done AS (UPDATE progress_report r SET state = 'accepted', review_note = '', reviewed_by = $3, reviewed_at = now(), version = version + 1
			         FROM plain WHERE r.id = plain.report_id AND r.state = 'sent' RETURNING r.id, r.action_id, r.organisation_id, r.percent, r.at),
			told AS (UPDATE roadmap_action a SET last_news_at = greatest(a.last_news_at, d.at),
			                percent = CASE WHEN d.pilot IS NOT NULL AND (a.status <> 'done' OR d.pilot = 100) THEN d.pilot ELSE a.percent END
			         FROM (SELECT done.action_id, max(done.at) AS at, max(done.percent) FILTER (WHERE done.organisation_id = p.pilot_id) AS pilot
			               FROM done JOIN roadmap_action p ON p.id = done.action_id GROUP BY done.action_id) d
			         WHERE a.id = d.action_id)
			SELECT d.id, d.action_id, 'Action n° ' || a.number || ', ' || a.title AS label FROM done d JOIN roadmap_action a ON a.id = d.action_id ORDER BY d.id`,
			id, points, by.Name)
		if err != nil {
			return postgres.Wrap(err, "accept reports of campaign %d", id)
		}
		accepted = len(rows)
		entries := make([]audit.Entry, len(rows))
		for i, r := range rows {
			entries[i] = audit.Entry{Action: "roadmap.report_accept", Object: "roadmap_action", ID: r.Action, Label: r.Label,
				Before: map[string]any{"point": r.Report, "etat": progress.Sent}, After: map[string]any{"point": r.Report, "etat": progress.Accepted}}
		}
		return audit.RecordMany(ctx, tx, by, entries)
	})
	return accepted, err
}

// said is what the journal keeps of a report.
func said(r progress.Report) map[string]any {
	v := map[string]any{"point": r.ID, "commune": r.OrganisationName, "etat": r.State, "situation": r.Situation, "avancement": r.Percent, "fait": r.Done,
		"difficulte": r.Difficulty, "besoin": r.Need, "suite": r.NextStep}
	if r.ReviewNote != "" {
		v["motif"] = r.ReviewNote
	}
	for _, f := range r.Figures {
		v[f.Name] = f.Value.String()
	}
	return v
}
