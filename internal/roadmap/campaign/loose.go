package campaign

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

var _ = notify.NameKinds(map[string]string{"report_ask": "Précision demandée sur un point d’avancement"})

// Loose is a report that no open campaign reads: sent outside any, or left unread when
// its campaign was closed. The team settles it by itself.
type Loose struct {
	progress.Report
	Number int    `db:"number"` // of its action
	Title  string `db:"title"`
}

const looseSQL = `
	SELECT a.number, a.title, ` + progress.Columns + progress.Tables + `
	JOIN roadmap_action a ON a.id = r.action_id LEFT JOIN campaign c ON c.id = r.campaign_id
	WHERE (c.id IS NULL OR c.closed_at IS NOT NULL)`

// LooseReports lists those that wait for the team, the oldest first.
func (s *Service) LooseReports(ctx context.Context, by access.Actor, page int) ([]Loose, postgres.Paging, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return nil, postgres.Paging{}, err
	}
	var (
		b     postgres.Batch
		list  []Loose
		total int
	)
	postgres.AddList(&b, &list, looseSQL+` AND r.state = 'sent' ORDER BY r.at, r.id LIMIT $1 OFFSET $2`, postgres.Limit(page), postgres.Offset(page))
	postgres.AddValue(&b, &total, `
		SELECT count(*)::int FROM progress_report r LEFT JOIN campaign c ON c.id = r.campaign_id
		WHERE r.state = 'sent' AND (c.id IS NULL OR c.closed_at IS NOT NULL)`)
	err := b.Run(ctx, s.db)
	return list, postgres.PagingOf(page, total), postgres.Wrap(err, "reports outside campaigns")
}

// LooseReport returns one with its figures and documents; ErrNoReport when a campaign
// in course reads it.
func (s *Service) LooseReport(ctx context.Context, by access.Actor, id progress.ReportID) (Loose, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Loose{}, err
	}
	var (
		b     postgres.Batch
		found []Loose
		files []progress.Document
	)
	postgres.AddList(&b, &found, looseSQL+` AND r.id = $1`, id)
	progress.AddDocuments(&b, &files, id)
	if err := b.Run(ctx, s.db); err != nil {
		return Loose{}, postgres.Wrap(err, "report %d", id)
	}
	if len(found) == 0 {
		return Loose{}, progress.ErrNoReport
	}
	figures, err := progress.FiguresOf(ctx, s.db, []progress.ReportID{id})
	found[0].Documents, found[0].Figures = files, figures
	return found[0], err
}

// AcceptLoose makes the report the word of its organisation.
func (s *Service) AcceptLoose(ctx context.Context, by access.Actor, id progress.ReportID, version int) error {
	return s.onLoose(ctx, by, id, version, func(tx pgx.Tx, a roadmap.Action, old Loose) error {
		r, err := progress.Settle(ctx, tx, by, id, progress.Accepted, "")
		if err != nil {
			return err
		}
		return roadmap.Record(ctx, tx, by, "report_accept", a, said(old.Report), said(r))
	})
}

// AskLoose asks the organisation to say more, with the reason, by mail.
func (s *Service) AskLoose(ctx context.Context, by access.Actor, id progress.ReportID, version int, reason string) error {
	if err := checkWhy(reason); err != nil {
		return err
	}
	return s.onLoose(ctx, by, id, version, func(tx pgx.Tx, a roadmap.Action, old Loose) error {
		r, err := progress.Settle(ctx, tx, by, id, progress.AskedBack, reason)
		if err != nil {
			return err
		}
		if err := roadmap.Record(ctx, tx, by, "report_ask", a, said(old.Report), said(r)); err != nil {
			return err
		}
		return s.tell(ctx, tx, r, s.askMail("report_ask", a, reason))
	})
}

// onLoose runs f on a report that waits, locked.
func (s *Service) onLoose(ctx context.Context, by access.Actor, id progress.ReportID, version int, f func(pgx.Tx, roadmap.Action, Loose) error) error {
	if err := roadmap.RequireTeam(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		r, err := postgres.One[Loose](ctx, tx, looseSQL+` AND r.id = $1 FOR UPDATE OF r`, id)
		switch {
		case postgres.IsNoRows(err):
			return progress.ErrNoReport
		case err != nil:
			return postgres.Wrap(err, "lock report %d", id)
		case r.State != progress.Sent:
			return problem.New(problem.Conflict, "Ce point a déjà été traité, ou remplacé.")
		case r.Version != version:
			return errPointStale
		}
		a, err := roadmap.Load(ctx, tx, r.Action)
		if err != nil {
			return err
		}
		return f(tx, a, r)
	})
}
