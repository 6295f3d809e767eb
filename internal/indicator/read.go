package indicator

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// What is read of an indicator, and of its values.
const (
	indicatorSelect = `SELECT id, slug, name, unit, unit_one, meaning, method, source, direction, position, published, version`
	valueColumns    = `v.id, v.indicator_id, v.starts_on, v.ends_on, (v.value * 10000)::bigint AS value, v.qualifier, v.source, v.link, v.note,
		       v.entered_by, v.entered_at, v.version`
)

// Published returns the indicators the public may read and that have a value, with
// all their values, in one round trip.
func (s *Service) Published(ctx context.Context) ([]Figure, error) {
	var (
		b      postgres.Batch
		list   []Indicator
		values []Value
	)
	postgres.AddList(&b, &list, indicatorSelect+`
		FROM indicator i WHERE published AND EXISTS (SELECT FROM indicator_value v WHERE v.indicator_id = i.id) ORDER BY position`)
	postgres.AddList(&b, &values, `SELECT `+valueColumns+`
		FROM indicator_value v JOIN indicator i ON i.id = v.indicator_id WHERE i.published
		ORDER BY v.indicator_id, v.ends_on, v.starts_on NULLS LAST`)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Wrap(err, "published indicators")
	}
	return joined(list, values), nil
}

// joined gives each indicator its values, both in their order.
func joined(list []Indicator, values []Value) []Figure {
	of := map[ID][]Value{}
	for _, v := range values {
		of[v.Indicator] = append(of[v.Indicator], v)
	}
	out := make([]Figure, 0, len(list))
	for _, i := range list {
		out = append(out, Figure{i, of[i.ID]})
	}
	return out
}

// One returns the published indicator of that address; ErrNotFound for any other.
func (s *Service) One(ctx context.Context, slug string) (Figure, error) {
	all, err := s.Named(ctx, slug)
	if err != nil {
		return Figure{}, err
	}
	if len(all) == 0 {
		return Figure{}, ErrNotFound
	}
	return all[0], nil
}

// Named returns the published indicators of those addresses, with or without a value,
// in one round trip.
func (s *Service) Named(ctx context.Context, slugs ...string) ([]Figure, error) {
	var (
		b      postgres.Batch
		list   []Indicator
		values []Value
	)
	postgres.AddList(&b, &list, indicatorSelect+`
		FROM indicator WHERE published AND slug = ANY($1) ORDER BY position`, slugs)
	postgres.AddList(&b, &values, `SELECT `+valueColumns+`
		FROM indicator_value v JOIN indicator i ON i.id = v.indicator_id WHERE i.published AND i.slug = ANY($1)
		ORDER BY v.indicator_id, v.ends_on, v.starts_on NULLS LAST`, slugs)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Wrap(err, "indicators %v", slugs)
	}
	return joined(list, values), nil
}

// Line is an indicator as the team's list shows it.
type Line struct {
	Indicator
	Values int
	Last   *Value // nil when it has none
}

// List returns all indicators with how many values each has and the latest.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Line, error) {
	if err := team(by); err != nil {
		return nil, err
	}
	var (
		b    postgres.Batch
		list []struct {
			Indicator
			Count int `db:"count"`
		}
		last []Value
	)
	postgres.AddList(&b, &list, `
		SELECT i.id, i.slug, i.name, i.unit, i.unit_one, i.meaning, i.method, i.source, i.direction, i.position, i.published, i.version,
		       (SELECT count(*) FROM indicator_value v WHERE v.indicator_id = i.id)::int AS count
		FROM indicator i ORDER BY i.position`)
	postgres.AddList(&b, &last, `SELECT DISTINCT ON (indicator_id) `+valueColumns+`
		FROM indicator_value v ORDER BY indicator_id, ends_on DESC, starts_on NULLS FIRST`)
	if err := b.Run(ctx, s.db); err != nil {
		return nil, postgres.Wrap(err, "list indicators")
	}
	of := map[ID]*Value{}
	for n := range last {
		of[last[n].Indicator] = &last[n]
	}
	out := make([]Line, 0, len(list))
	for _, l := range list {
		out = append(out, Line{l.Indicator, l.Count, of[l.ID]})
	}
	return out, nil
}

// Sheet is an indicator as the team works on it, published or not, with what was
// done to it.
type Sheet struct {
	Figure
	History []audit.Event
}

// Sheet returns it, in two round trips.
func (s *Service) Sheet(ctx context.Context, by access.Actor, id ID) (Sheet, error) {
	var x Sheet
	f, err := s.ForTeam(ctx, by, id)
	if err != nil {
		return x, err
	}
	x.Figure = f
	x.History, err = audit.ObjectHistory(ctx, s.db, "indicator", int64(id))
	return x, err
}

// ForTeam returns an indicator with its values, published or not, in one round trip.
func (s *Service) ForTeam(ctx context.Context, by access.Actor, id ID) (Figure, error) {
	if err := team(by); err != nil {
		return Figure{}, err
	}
	var (
		b      postgres.Batch
		list   []Indicator
		values []Value
	)
	postgres.AddList(&b, &list, indicatorSelect+`
		FROM indicator WHERE id = $1`, id)
	postgres.AddList(&b, &values, `SELECT `+valueColumns+`
		FROM indicator_value v WHERE indicator_id = $1 ORDER BY ends_on, starts_on NULLS LAST`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return Figure{}, postgres.Wrap(err, "indicator %d", id)
	}
	if len(list) == 0 {
		return Figure{}, ErrNotFound
	}
	return Figure{list[0], values}, nil
}

// Value returns one value of an indicator for the team, with the indicator.
func (s *Service) Value(ctx context.Context, by access.Actor, id ID, value ValueID) (Indicator, Value, error) {
	f, err := s.ForTeam(ctx, by, id)
	if err != nil {
		return Indicator{}, Value{}, err
	}
	for _, v := range f.Values {
		if v.ID == value {
			return f.Indicator, v, nil
		}
	}
	return f.Indicator, Value{}, errNoValue
}
