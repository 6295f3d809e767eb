package roadmap

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
)

// ActionHistory returns an action and what was done to its sheet, newest first: the
// team's only, since it names who did it.
func (s *Service) ActionHistory(ctx context.Context, by access.Actor, id ID) (Action, []audit.Event, error) {
	if err := RequireTeam(by); err != nil {
		return Action{}, nil, err
	}
	a, err := Load(ctx, s.db, id)
	if err != nil {
		return a, nil, err
	}
	events, err := audit.ObjectHistory(ctx, s.db, "roadmap_action", int64(id))
	return a, events, err
}
