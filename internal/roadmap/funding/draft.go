package funding

import (
	"context"
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// Draft is a note before it is sent: what changed since a day, in words.
type Draft struct {
	Today   day.Day
	Since   day.Day
	Meeting day.Day // last held meeting of the partners' group; zero: none yet
	Subject string
	Text    string
	Reach   Reach
}

// changed is an action or a milestone with what became of it, and on which day.
type changed struct {
	Part   string  `db:"part"`
	Number int     `db:"number"`
	Title  string  `db:"title"`
	Note   string  `db:"note"` // the reason, the name of the milestone
	On     day.Day `db:"on_day"`
	Total  int     `db:"total"` // of the part
}

// tally is what is said in numbers.
type tally struct {
	Reports       int           `db:"reports"`
	Organisations int           `db:"organisations"`
	Running       int           `db:"running"`
	Planned       roadmap.Cents `db:"planned"`
	Obtained      roadmap.Cents `db:"obtained"`
	Spent         roadmap.Cents `db:"spent"`
	ToFind        roadmap.Cents `db:"to_find"`
}

// sinceSQL is the day the note tells from: the one asked, or that of the last held
// meeting of the partners' group, or the first of January.
const sinceSQL = `
	SELECT paris_today() AS today, m.on_day AS meeting,
	       coalesce($1::date, m.on_day, make_date(extract(year FROM paris_today())::int, 1, 1)) AS since
	FROM (SELECT max((starts_at AT TIME ZONE 'Europe/Paris')::date) AS on_day FROM meeting
	      WHERE body = 'partenaires' AND state IN ('held', 'published')) m`

// changedSQL tells what became of the actions and the milestones from a day on, part
// by part, the first of each.
const changedSQL = `
	WITH frame AS (SELECT since, today FROM (` + sinceSQL + `) f), found AS (
		SELECT 'validated' AS part, number, title, '' AS note, validated_on AS on_day FROM roadmap_action, frame WHERE validated_on >= since
		UNION ALL
		SELECT CASE status WHEN 'in_progress' THEN 'begun' ELSE status END, number, title, status_reason, status_since FROM roadmap_action, frame
		WHERE validated_on IS NOT NULL AND status IN ('in_progress', 'done', 'suspended', 'abandoned') AND status_since >= since
		UNION ALL
		SELECT 'reached', a.number, a.title, s.title, s.done_on FROM action_step s JOIN roadmap_action a ON a.id = s.action_id, frame
		WHERE s.milestone AND s.done_on >= since AND a.validated_on IS NOT NULL
		UNION ALL
		SELECT 'passed', a.number, a.title, s.title, s.due_on FROM action_step s JOIN roadmap_action a ON a.id = s.action_id, frame
		WHERE s.milestone AND s.done_on IS NULL AND s.due_on < today AND a.status IN ('validated', 'in_progress')
		UNION ALL
		SELECT 'late', number, title, '', CASE WHEN ends_on < today THEN ends_on ELSE starts_on END FROM roadmap_action, frame
		WHERE action_late(status, starts_on, ends_on, today)
	), ranked AS (
		SELECT *, count(*) OVER (PARTITION BY part)::int AS total, row_number() OVER (PARTITION BY part ORDER BY number, on_day, note) AS n FROM found
	)
	SELECT part, number, title, note, on_day, total FROM ranked WHERE n <= 15 ORDER BY part, n`

const tallySQL = `
	WITH frame AS (SELECT since, today FROM (` + sinceSQL + `) f), money AS (
		SELECT coalesce(sum(l.planned_cents), 0)::bigint AS planned, coalesce(sum(l.obtained_cents), 0)::bigint AS obtained,
		       coalesce(sum(l.spent_cents), 0)::bigint AS spent,
		       coalesce(sum(l.planned_cents) FILTER (WHERE l.funder_id IS NULL AND l.funder = ''), 0)::bigint AS to_find
		FROM budget_line l JOIN roadmap_action a ON a.id = l.action_id, frame
		WHERE ` + counted + ` AND l.year BETWEEN extract(year FROM today) AND extract(year FROM today) + 4
	), said AS (
		SELECT count(*)::int AS reports, count(DISTINCT r.organisation_id)::int AS organisations FROM progress_report r, frame
		WHERE r.state = 'accepted' AND r.at >= since::timestamp AT TIME ZONE 'Europe/Paris'
	)
	SELECT said.*, money.*, (SELECT count(*)::int FROM roadmap_action WHERE status = 'in_progress') AS running FROM said, money`

// Draft returns the note on what changed since a day; the zero day asks for the last
// held meeting of the partners' group. One round trip.
func (s *Service) Draft(ctx context.Context, by access.Actor, since day.Day) (Draft, error) {
	var v Draft
	if err := roadmap.RequireTeam(by); err != nil {
		return v, err
	}
	var (
		b     postgres.Batch
		frame struct{ Today, Meeting, Since day.Day }
		all   []changed
		n     tally
		asked *day.Day
	)
	if !since.IsZero() {
		asked = &since
	}
	postgres.AddOne(&b, &frame, sinceSQL, asked)
	postgres.AddList(&b, &all, changedSQL, asked)
	postgres.AddOne(&b, &n, tallySQL, asked)
	postgres.AddOne(&b, &v.Reach, reachSQL)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "draft of a note")
	}
	v.Today, v.Since, v.Meeting = frame.Today, frame.Since, frame.Meeting
	v.Subject = "Feuille de route inclusion numérique : où en sont les travaux au " + french.LongDate(v.Today)
	v.Text = v.write(all, n)
	return v, nil
}

// Reach returns how many people a note would go to.
func (s *Service) Reach(ctx context.Context, by access.Actor) (Reach, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Reach{}, err
	}
	r, err := postgres.One[Reach](ctx, s.db, reachSQL)
	return r, postgres.Wrap(err, "reach of a note")
}

// The parts of the note, in their order, and what each line says of its day.
var parts = []struct{ part, title, when string }{
	{"validated", "Actions validées", "validée le"},
	{"begun", "Actions commencées", "commencée le"},
	{"done", "Actions réalisées", "réalisée le"},
	{"reached", "Jalons atteints", "atteint le"},
	{"suspended", "Actions suspendues", "suspendue le"},
	{"abandoned", "Actions abandonnées", "abandonnée le"},
	{"late", "Actions en retard aujourd’hui", "attendue le"},
	{"passed", "Jalons dépassés", "prévu le"},
}

func (v Draft) write(all []changed, n tally) string {
	out := []string{v.opening(n)}
	for _, p := range parts {
		var rows []string
		total := 0
		for _, c := range all {
			if c.Part == p.part {
				rows, total = append(rows, c.line(p.when)), c.Total
			}
		}
		if total == 0 {
			continue
		}
		if more := total - len(rows); more > 0 {
			rows = append(rows, "- et "+french.Count(more, "autre", "autres")+".")
		}
		out = append(out, p.title+" ("+french.Number(total)+") :\n"+strings.Join(rows, "\n"))
	}
	if len(out) == 1 {
		out = append(out, "L’état d’aucune action n’a changé depuis cette date.")
	}
	return french.Typo(strings.Join(append(out, n.reportWords(), n.moneyWords(v.Today.Year())), "\n\n"))
}

func (v Draft) opening(n tally) string {
	from := "le " + french.LongDate(v.Since)
	if v.Since == v.Meeting {
		from = "la réunion du Groupe des partenaires institutionnels du " + french.LongDate(v.Meeting)
	}
	return "Voici ce qui a changé dans la feuille de route de l’inclusion numérique depuis " + from + ". Aujourd’hui, " +
		french.Count(n.Running, "action est en cours.", "actions sont en cours.")
}

func (c changed) line(when string) string {
	s := "- Action n° " + strconv.Itoa(c.Number) + ", " + strings.TrimSpace(c.Title)
	reason := strings.Join(strings.Fields(c.Note), " ")
	switch {
	case reason == "":
	case c.Part == "reached" || c.Part == "passed":
		s += ", « " + reason + " »"
	case c.Part == "suspended" || c.Part == "abandoned":
		return s + " (" + when + " " + french.LongDate(c.On) + ") : " + reason
	}
	return s + " (" + when + " " + french.LongDate(c.On) + ")"
}

func (n tally) reportWords() string {
	if n.Reports == 0 {
		return "Aucun point d’avancement n’a été accepté depuis cette date."
	}
	return french.Count(n.Reports, "point d’avancement a été accepté", "points d’avancement ont été acceptés") + ", de " +
		french.Count(n.Organisations, "organisation.", "organisations.")
}

func (n tally) moneyWords(year int) string {
	s := "Budget, à ce jour, de " + yearText(year) + " à " + yearText(year+Horizon-1) + " : " + n.Planned.String() + " prévus, " + n.Obtained.String() + " obtenus, " + n.Spent.String() + " dépensés."
	if n.ToFind > 0 {
		s += " Aucun financeur n’est encore trouvé pour " + n.ToFind.String() + "."
	}
	return s
}

// yearText writes a year, which takes no space.
func yearText(y int) string { return strconv.Itoa(y) }
