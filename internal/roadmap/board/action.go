package board

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// StoryLength is how many reports a page of the story of an action holds.
const StoryLength = 20

// Sheet is an action as its reader may see it: what the reader may not know is left
// out here, so that no page can tell it.
type Sheet struct {
	roadmap.Whole
	Today      day.Day
	Sight      roadmap.Sight
	OfAxis     roadmap.Axis
	Years      []YearBudget
	News       []CommuneNews // the 28, by name
	Story      []Told        // accepted reports, the last first
	StoryPage  postgres.Paging
	InEditions []EditionLine
	DoneSteps  int
}

// YearBudget is the budget of a year; Lines are by funder, for members only.
type YearBudget struct {
	Year int
	roadmap.Totals
	Lines []roadmap.Line
}

// CommuneNews is a commune of the map: what it last said of an action.
type CommuneNews struct {
	ID        roadmap.OrganisationID `db:"organisation_id"`
	INSEE     string                 `db:"insee"`
	Name      string                 `db:"name"`
	Abbr      string                 `db:"abbr"`
	Row       int                    `db:"tile_row"`
	Col       int                    `db:"tile_col"`
	Concerned bool                   `db:"concerned"`
	Situation progress.Situation     `db:"situation"` // "" when it has said nothing yet
	Percent   *int                   `db:"percent"`
	At        *time.Time             `db:"at"`
}

// Told is an accepted report with its photos and documents.
type Told struct {
	progress.Report
	Files []ReportFile `db:"files"`
}

// ReportFile is a photo or a document of a report.
type ReportFile struct {
	ID        document.ID `json:"id"`
	Name      string      `json:"name"`
	MediaType string      `json:"media_type"`
	Size      int64       `json:"size"`
	Caption   string      `json:"caption"` // what a photo shows
}

// Photo tells whether the file is shown and not only offered.
func (f ReportFile) Photo() bool { return f.MediaType == "image/jpeg" || f.MediaType == "image/png" }

// EditionLine is a frozen programme an action is in.
type EditionLine struct {
	Year    int    `db:"year"`
	Origin  string `db:"origin"`  // new, carried_over
	Outcome string `db:"outcome"` // adopted, refused…
	Reason  string `db:"reason"`
}

// Action returns an action as the actor sees it, with a page of its story, in one
// round trip. A proposed one is known to the team and to who proposed it only.
func (s *Service) Action(ctx context.Context, by access.Actor, id roadmap.ID, page int) (Sheet, error) {
	var (
		b     postgres.Batch
		v     Sheet
		total int
		axes  []roadmap.Axis
	)
	finish := roadmap.AddWhole(&b, []roadmap.ID{id})
	roadmap.AddAxes(&b, &axes)
	v.addNews(&b, id)
	v.addStory(&b, id, page)
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM progress_report WHERE action_id = $1 AND state = 'accepted'`, id)
	postgres.AddValue(&b, &v.Today, `SELECT paris_today()`)
	if err := b.Run(ctx, s.db); err != nil {
		return Sheet{}, postgres.Wrap(err, "page of action %d", id)
	}
	all := finish()
	if len(all) == 0 || !mayRead(by, all[0].Action) {
		return Sheet{}, roadmap.ErrNotFound
	}
	v.Whole, v.Sight = all[0], roadmap.SightOf(by)
	v.StoryPage = postgres.Paging{Page: max(page, 1), Pages: max((total+StoryLength-1)/StoryLength, 1), Total: total}
	for _, x := range axes {
		if x.ID == v.AxisID {
			v.OfAxis = x
		}
	}
	v.hide()
	v.byYear()
	for _, x := range v.Steps {
		if !x.DoneOn.IsZero() {
			v.DoneSteps++
		}
	}
	return v, nil
}

// mayRead tells whether the actor may know of the action.
func mayRead(by access.Actor, a roadmap.Action) bool {
	switch {
	case a.Public() || by.RunsBodies():
		return true
	case a.ProposerID == 0 || roadmap.SightOf(by) == roadmap.PublicSight:
		return false
	}
	return by.ActsFor(a.ProposerID)
}

func (v *Sheet) addNews(b *postgres.Batch, id roadmap.ID) {
	postgres.AddList(b, &v.News, `
		SELECT k.organisation_id, k.insee, o.name, k.abbr, k.tile_row, k.tile_col, c.action_id IS NOT NULL AS concerned,
		       coalesce(r.situation, '') AS situation, r.percent, r.at
		FROM commune k JOIN organisation o ON o.id = k.organisation_id
		LEFT JOIN action_commune c ON c.organisation_id = k.organisation_id AND c.action_id = $1
		LEFT JOIN LATERAL (SELECT situation, percent, at FROM progress_report
		                   WHERE c.action_id IS NOT NULL AND organisation_id = k.organisation_id AND action_id = $1 AND state = 'accepted'
		                   ORDER BY at DESC LIMIT 1) r ON true
		ORDER BY fold(o.name)`, id)
	postgres.AddList(b, &v.InEditions, `
		SELECT l.year, l.origin, l.outcome, l.reason FROM edition_line l JOIN edition e USING (year)
		WHERE l.action_id = $1 AND e.state = 'frozen' ORDER BY l.year`, id)
}

func (v *Sheet) addStory(b *postgres.Batch, id roadmap.ID, page int) {
	postgres.AddList(b, &v.Story, `
		SELECT `+progress.Columns+`,
		       (SELECT coalesce(json_agg(json_build_object('id', f.id, 'name', f.name, 'media_type', f.media_type, 'size', f.size, 'caption', d.caption)
		                                 ORDER BY f.created_at, f.id), '[]')
		        FROM report_document d JOIN document f ON f.id = d.document_id WHERE d.report_id = r.id) AS files`+progress.Tables+`
		WHERE r.action_id = $1 AND r.state = 'accepted' ORDER BY r.at DESC, r.id DESC LIMIT $2 OFFSET $3`,
		id, StoryLength, (min(max(page, 1), 1_000_000)-1)*StoryLength)
}

// hide takes out what the reader may not know.
func (v *Sheet) hide() {
	if v.Sight == roadmap.TeamSight {
		return
	}
	if v.Sight == roadmap.PublicSight {
		v.Documents = kept(v.Documents, func(d roadmap.Document) bool { return d.Public })
	}
	v.Decisions = kept(v.Decisions, func(d roadmap.DecisionRef) bool { return d.Public })
	v.Meetings = kept(v.Meetings, func(m roadmap.MeetingRef) bool { return m.Public })
	if v.Sight == roadmap.MemberSight {
		return
	}
	v.PilotPersonID, v.PilotPerson = 0, ""
	for i := range v.Story {
		r := &v.Story[i]
		r.Person, r.By, r.ReviewedBy, r.ReviewNote = 0, "", "", ""
		r.Difficulty, r.NeedKind, r.Need, r.FallReason = "", "", "", ""
	}
	for i := range v.Budget {
		l := &v.Budget[i]
		l.FunderID, l.FunderName, l.Note = 0, "", ""
	}
}

func kept[T any](all []T, keep func(T) bool) []T {
	var out []T
	for _, x := range all {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}

// byYear sums the budget by year; the lines go with it for members only.
func (v *Sheet) byYear() {
	for _, l := range v.Budget {
		if n := len(v.Years); n == 0 || v.Years[n-1].Year != l.Year {
			v.Years = append(v.Years, YearBudget{Year: l.Year})
		}
		y := &v.Years[len(v.Years)-1]
		y.Lines = append(y.Lines, l)
		y.Totals = roadmap.Sum(y.Lines)
	}
	if v.Sight == roadmap.PublicSight {
		v.Budget = nil
		for i := range v.Years {
			v.Years[i].Lines = nil
		}
	}
}
