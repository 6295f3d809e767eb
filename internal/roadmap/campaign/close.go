package campaign

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
)

// packSQL is the lines of a pack, in the order of the roadmap.
const packSQL = answerSQL + ` ORDER BY x.position, a.number, fold(regexp_replace(o.name, '^Le ', '')), o.id`

// sumsSQL adds up the indicators asked of each commune that a commune gave a figure of in
// this campaign: the last accepted figure of each, since one that is silent this time
// has not closed what it counted before. A sum that no column could hold is of mistyped
// figures: it is left out.
const sumsSQL = `
	WITH last AS (
		SELECT DISTINCT ON (f.indicator_id, r.organisation_id) f.indicator_id, f.value, r.campaign_id IS NOT DISTINCT FROM $1 AS fresh
		FROM (SELECT DISTINCT action_id FROM campaign_question WHERE campaign_id = $1) q
		JOIN progress_report r ON r.action_id = q.action_id AND r.state = 'accepted'
		JOIN commune k ON k.organisation_id = r.organisation_id
		JOIN report_figure f ON f.report_id = r.id
		ORDER BY f.indicator_id, r.organisation_id, r.at DESC, r.id DESC
	)
	SELECT i.id AS indicator_id, i.action_id, a.number, a.title, i.name, i.unit, (sum(l.value) * 10000)::bigint AS value, count(*)::int AS communes
	FROM last l JOIN action_indicator i ON i.id = l.indicator_id AND i.by_commune JOIN roadmap_action a ON a.id = i.action_id
	GROUP BY i.id, a.id HAVING bool_or(l.fresh) AND abs(sum(l.value)) < 10000000000 ORDER BY a.number, i.position`

// Pack returns the dossier: as it was frozen for whoever acts in the governance, and
// for the team before, as it would be now.
func (s *Service) Pack(ctx context.Context, by access.Actor, id ID) (Campaign, Pack, error) {
	sight := roadmap.SightOf(by)
	if sight < roadmap.MemberSight {
		return Campaign{}, Pack{}, ErrNotFound
	}
	var (
		found []Campaign
		kept  []struct {
			Pack []byte `db:"pack"`
		}
		b postgres.Batch
	)
	addCampaign(&b, &found, id)
	postgres.AddList(&b, &kept, `SELECT pack::text::bytea AS pack FROM campaign WHERE id = $1 AND pack IS NOT NULL AND closed_at IS NOT NULL`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return Campaign{}, Pack{}, postgres.Wrap(err, "pack of a campaign")
	}
	c, err := only(found)
	switch {
	case err != nil:
		return c, Pack{}, err
	case len(kept) > 0:
		var p Pack
		return c, p, json.Unmarshal(kept[0].Pack, &p)
	case sight < roadmap.TeamSight || c.OpenedAt == nil:
		return c, Pack{}, ErrNotFound
	}
	p, err := buildPack(ctx, s.db, c)
	return c, p, err
}

type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func buildPack(ctx context.Context, q batcher, c Campaign) (Pack, error) {
	p := Pack{Title: c.Title, OpenedAt: *c.OpenedAt, Meeting: c.MeetingID, Body: c.MeetingBody, At: c.MeetingAt}
	var b postgres.Batch
	postgres.AddList(&b, &p.Lines, packSQL, c.ID)
	postgres.AddList(&b, &p.Figures, sumsSQL, c.ID)
	postgres.AddValue(&b, &p.ClosedAt, `SELECT now()`)
	return p, postgres.Wrap(b.Run(ctx, q), "build a pack")
}

// Close makes the pack and ends the campaign: what was said stays as it was said, the
// sums of figures become readings of their indicators, the meeting gets its point of
// agenda. Once only.
func (s *Service) Close(ctx context.Context, by access.Actor, id ID, version int) (closed Campaign, p Pack, err error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return Campaign{}, Pack{}, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		c, err := lock(ctx, tx, id, 0)
		switch {
		case err != nil:
			return err
		case c.ClosedAt != nil:
			return errClosed
		case c.OpenedAt == nil:
			return errNotOpen
		case version != 0 && c.Version != version:
			return errStale
		}
		if p, err = buildPack(ctx, tx, c); err != nil {
			return err
		}
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE campaign SET closed_at = now(), pack = $2::jsonb, version = version + 1 WHERE id = $1`, id, string(text)); err != nil {
			return postgres.Wrap(err, "close campaign %d", id)
		}
		if err := readings(ctx, tx, by, c, p.Figures); err != nil {
			return err
		}
		if c.MeetingOpen {
			if _, err := s.point(ctx, tx, by, c, p); err != nil {
				return err
			}
		}
		if closed, err = load(ctx, tx, id); err != nil {
			return err
		}
		t := p.Whole()
		return record(ctx, tx, by, "campaign_close", closed, nil, map[string]any{"communes": closed.Communes, "communes_repondues": closed.Answered,
			"questions": t.Asked, "reponses": t.Answered, "acceptees": t.Accepted, "indicateurs": len(p.Figures)})
	})
	return closed, p, err
}

// readings writes each sum as a reading of its indicator, today. One already read today
// is written over, and the journal keeps both.
func readings(ctx context.Context, tx pgx.Tx, by access.Actor, c Campaign, sums []Sum) error {
	if len(sums) == 0 {
		return nil
	}
	ids, values, sources := make([]int64, len(sums)), make([]int64, len(sums)), make([]string, len(sums))
	for i, s := range sums {
		ids[i], values[i] = int64(s.Indicator), s.Value
		sources[i] = c.label() + " : somme de " + french.Count(s.Communes, "commune", "communes") + ", dernier chiffre accepté de chacune"
	}
	olds, err := postgres.List[struct {
		Indicator int64          `db:"indicator_id"`
		Value     roadmap.Number `db:"value"`
		Source    string         `db:"source"`
	}](ctx, tx, `
		SELECT indicator_id, (value * 10000)::bigint AS value, source FROM indicator_reading WHERE indicator_id = ANY ($1) AND on_day = paris_today()`, ids)
	if err != nil {
		return postgres.Wrap(err, "readings of today")
	}
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO indicator_reading (indicator_id, on_day, value, source, by_name)
		SELECT u.i, paris_today(), u.v / 10000.0, u.s, $4 FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(i, v, s)
		ON CONFLICT (indicator_id, on_day) DO UPDATE SET value = excluded.value, source = excluded.source, by_name = excluded.by_name`,
		ids, values, sources, by.Name); err != nil {
		return postgres.Wrap(err, "write readings")
	}
	entries := make([]audit.Entry, len(sums))
	for i, s := range sums {
		e := audit.Entry{Action: "roadmap.reading", Object: "roadmap_action", ID: int64(s.Action), Label: "Action n° " + idText(roadmap.ID(s.Number)) + ", " + s.Title,
			After: map[string]any{"indicateur": s.Name, "valeur": s.Total().String(), "source": sources[i]}}
		for _, o := range olds {
			if o.Indicator == ids[i] {
				e.Before = map[string]any{"indicateur": s.Name, "valeur": o.Value.String(), "source": o.Source}
			}
		}
		entries[i] = e
	}
	return audit.RecordMany(ctx, tx, by, entries)
}

// CloseDue makes the pack of the campaigns the team forgot: those whose meeting began,
// and those whose answers ended thirty days ago. Answers themselves end by the clock. A
// chore: several instances may run it at the same time.
func (s *Service) CloseDue(ctx context.Context) error {
	due, err := postgres.Values[ID](ctx, s.db, `
		SELECT c.id FROM campaign c LEFT JOIN meeting m ON m.id = c.meeting_id
		WHERE c.opened_at IS NOT NULL AND c.closed_at IS NULL AND c.closes_at <= now()
		  AND (c.closes_at <= now() - interval '30 days' OR m.starts_at <= now() AND m.state NOT IN ('postponed', 'cancelled')) ORDER BY c.id`)
	if err != nil {
		return postgres.Wrap(err, "campaigns due")
	}
	var failures []error
	for _, id := range due { // one at most is open
		if _, _, err := s.Close(ctx, access.System("Clôture automatique"), id, 0); err != nil && !errors.Is(err, errClosed) {
			failures = append(failures, postgres.Wrap(err, "close campaign %d", id))
		}
	}
	return errors.Join(failures...)
}

// ClosingCheck is what the team reads before it closes a campaign.
type ClosingCheck struct {
	Campaign Campaign
	Pack     Pack // as it would be now
	Waiting  int  // reports not read
	Asked    int  // reports that were asked back
}

// ClosingCheck returns what closing would keep.
func (s *Service) ClosingCheck(ctx context.Context, by access.Actor, id ID) (ClosingCheck, error) {
	if err := roadmap.RequireTeam(by); err != nil {
		return ClosingCheck{}, err
	}
	c, p, err := s.Pack(ctx, by, id)
	switch {
	case err == nil && c.ClosedAt != nil:
		return ClosingCheck{}, errClosed
	case errors.Is(err, ErrNotFound) && c.ID != 0:
		return ClosingCheck{}, errNotOpen
	case err != nil:
		return ClosingCheck{}, err
	}
	v := ClosingCheck{Campaign: c, Pack: p}
	for _, l := range p.Unread() {
		if l.State == progress.AskedBack {
			v.Asked++
		} else {
			v.Waiting++
		}
	}
	return v, nil
}

var errNoMeeting = problem.New(problem.Conflict, "La campagne ne prépare aucune réunion à venir : son dossier reste sur cette page.")
