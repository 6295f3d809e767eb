package progress

import (
	"context"
	"io"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/roadmap"
)

// History is what an organisation said of an action, the newest first.
type History struct {
	Point
	Reports []Report
	Paging  postgres.Paging
}

// pageOfReports are the ids of the reports of a page.
const pageOfReports = `
	(SELECT r.id FROM progress_report r WHERE r.action_id = $1 AND r.organisation_id = $2 ORDER BY r.at DESC, r.id DESC LIMIT $3 OFFSET $4)`

// History returns the reports of the organisation on an action, each with its figures,
// its documents and what became of it; also for an action that is over.
func (s *Service) History(ctx context.Context, by access.Actor, action roadmap.ID, chosen roadmap.OrganisationID, page int) (History, error) {
	org, err := who(ctx, s.db, by, chosen)
	if err != nil {
		return History{}, err
	}
	p, err := readPoint(ctx, s.db, by, action, org)
	if err != nil {
		return History{}, err
	}
	var (
		h       = History{Point: p}
		b       postgres.Batch
		total   int
		figures []Figure
		files   []Document
	)
	limit, offset := postgres.Limit(page), postgres.Offset(page)
	postgres.AddValue(&b, &total, `SELECT count(*)::int FROM progress_report r WHERE r.action_id = $1 AND r.organisation_id = $2`, action, org)
	postgres.AddList(&b, &h.Reports, `SELECT `+Columns+Tables+`
		WHERE r.action_id = $1 AND r.organisation_id = $2 ORDER BY r.at DESC, r.id DESC LIMIT $3 OFFSET $4`, action, org, limit, offset)
	postgres.AddList(&b, &figures, `
		SELECT f.report_id, f.indicator_id, i.name, i.unit, (f.value * 10000)::bigint AS value
		FROM report_figure f JOIN action_indicator i ON i.id = f.indicator_id WHERE f.report_id IN `+pageOfReports+` ORDER BY i.position`, action, org, limit, offset)
	postgres.AddList(&b, &files, `SELECT `+documentColumns+` WHERE d.report_id IN `+pageOfReports+` ORDER BY f.created_at, f.id`, action, org, limit, offset)
	if err := b.Run(ctx, s.db); err != nil {
		return h, postgres.Wrap(err, "reports of %d on action %d", org, action)
	}
	h.Paging = postgres.PagingOf(page, total)
	for i := range h.Reports {
		r := &h.Reports[i]
		for _, f := range figures {
			if f.Report == r.ID {
				r.Figures = append(r.Figures, f)
			}
		}
		for _, d := range files {
			if d.Report == r.ID {
				r.Documents = append(r.Documents, d)
			}
		}
	}
	return h, nil
}

// Reported is what the page after a report shows: it, what remains to be answered,
// and the next action to report on.
type Reported struct {
	Point
	Mine Mine
	Next *Item // nil: nothing more is asked
}

// Reported returns the page after a report.
func (s *Service) Reported(ctx context.Context, by access.Actor, action roadmap.ID, chosen roadmap.OrganisationID) (Reported, error) {
	org, err := who(ctx, s.db, by, chosen)
	if err != nil {
		return Reported{}, err
	}
	p, err := readPoint(ctx, s.db, by, action, org)
	if err != nil {
		return Reported{}, err
	}
	if p.Last.ID == 0 {
		return Reported{}, ErrNoReport
	}
	v := Reported{Point: p}
	var (
		b     postgres.Batch
		items []Item
	)
	AddMine(&b, &v.Mine, org)
	postgres.AddList(&b, &items, itemsSQL, org, by.Account, true, 1, 0)
	if err := b.Run(ctx, s.db); err != nil {
		return v, postgres.Wrap(err, "what remains of organisation %d", org)
	}
	if len(items) > 0 {
		v.Next = &items[0]
	}
	return v, nil
}

// OpenDocument returns a document of a report and its bytes, and whether everybody may
// read it. The public reads those of accepted reports on public actions; an organisation
// and the team all of theirs.
func (s *Service) OpenDocument(ctx context.Context, by access.Actor, action roadmap.ID, report ReportID, id document.ID) (Document, bool, io.ReadSeeker, error) {
	type row struct {
		Document
		Organisation roadmap.OrganisationID `db:"organisation_id"`
		Public       bool                   `db:"public"`
	}
	d, err := postgres.One[row](ctx, s.db, `
		SELECT r.organisation_id, r.state = 'accepted' AND a.validated_on IS NOT NULL AS public, `+documentColumns+`
		JOIN progress_report r ON r.id = d.report_id JOIN roadmap_action a ON a.id = r.action_id
		WHERE r.action_id = $1 AND r.id = $2 AND d.document_id::text = $3`, action, report, string(id))
	if postgres.IsNoRows(err) {
		return Document{}, false, nil, ErrNoReport
	}
	if err != nil {
		return Document{}, false, nil, postgres.Wrap(err, "open a document of report %d", report)
	}
	mine := by.ActsFor(d.Organisation) && by.Is(reporters...)
	if !d.Public && !mine && !by.RunsBodies() {
		return Document{}, false, nil, ErrNoReport
	}
	return d.Document, d.Public, document.NewReader(ctx, s.db, d.File), nil
}
