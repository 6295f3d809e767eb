package meeting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Step is one move of a point in its agenda.
type Step string

// The closed set of steps.
const (
	StepUp   Step = "up"   // before the one before it
	StepDown Step = "down" // after the one after it
	StepIn   Step = "in"   // a sub-point of the point before it
	StepOut  Step = "out"  // a point, right after the one it was in
)

// ItemPlace is where a point stands in an order: Parent is 0 for a point.
type ItemPlace struct{ Item, Parent ItemID }

// branch is a point and its sub-points, in order.
type branch struct {
	item ItemID
	subs []ItemID
}

// treeOf reads the agenda as points and sub-points. A sub-point follows its point
// in the list.
func treeOf(items []Item) []branch {
	places := make([]ItemPlace, 0, len(items))
	for _, i := range items {
		places = append(places, ItemPlace{i.ID, i.Parent})
	}
	t, _ := treeFrom(places)
	return t
}

// treeFrom reads an order; false when a sub-point comes before its point, stands in
// a sub-point, or when a point comes twice.
func treeFrom(places []ItemPlace) ([]branch, bool) {
	t, at, seen, ok := []branch{}, map[ItemID]int{}, map[ItemID]bool{}, true
	for _, p := range places {
		ok = ok && !seen[p.Item]
		seen[p.Item] = true
		if p.Parent == 0 {
			at[p.Item] = len(t)
			t = append(t, branch{item: p.Item})
			continue
		}
		i, found := at[p.Parent]
		if !found {
			ok = false
			continue
		}
		t[i].subs = append(t[i].subs, p.Item)
	}
	return t, ok
}

// placesOf is the inverse of treeFrom.
func placesOf(t []branch) []ItemPlace {
	var out []ItemPlace
	for _, b := range t {
		out = append(out, ItemPlace{b.item, 0})
		for _, s := range b.subs {
			out = append(out, ItemPlace{s, b.item})
		}
	}
	return out
}

// findItem returns where a point is: its branch, and its rank among the sub-points, -1
// for a point. ok is false when it is not there.
func findItem(t []branch, id ItemID) (at, sub int, ok bool) {
	for i, b := range t {
		if b.item == id {
			return i, -1, true
		}
		if j := slices.Index(b.subs, id); j >= 0 {
			return i, j, true
		}
	}
	return 0, 0, false
}

// stepped returns the tree after a step; false when the step leads nowhere.
func stepped(t []branch, id ItemID, step Step) ([]branch, bool) {
	i, j, ok := findItem(t, id)
	if !ok {
		return t, false
	}
	out := make([]branch, len(t))
	for k, b := range t {
		out[k] = branch{b.item, slices.Clone(b.subs)}
	}
	switch {
	case step == StepUp && j < 0 && i > 0:
		out[i-1], out[i] = out[i], out[i-1]
	case step == StepDown && j < 0 && i+1 < len(out):
		out[i+1], out[i] = out[i], out[i+1]
	case step == StepUp && j > 0:
		s := out[i].subs
		s[j-1], s[j] = s[j], s[j-1]
	case step == StepDown && j >= 0 && j+1 < len(out[i].subs):
		s := out[i].subs
		s[j+1], s[j] = s[j], s[j+1]
	case step == StepIn && j < 0 && i > 0 && len(out[i].subs) == 0: // one level
		out[i-1].subs = append(out[i-1].subs, id)
		out = slices.Delete(out, i, i+1)
	case step == StepOut && j >= 0:
		out[i].subs = slices.Delete(out[i].subs, j, j+1)
		out = slices.Insert(out, i+1, branch{item: id})
	default:
		return t, false
	}
	return out, true
}

// arrangeItems writes the order of a whole agenda, positions from 1, in one statement.
func arrangeItems(ctx context.Context, tx pgx.Tx, t []branch) error {
	var ids, parents []int64
	var positions []int16
	put := func(id, parent ItemID, position int) {
		ids, parents, positions = append(ids, int64(id)), append(parents, int64(parent)), append(positions, int16(position))
	}
	for i, b := range t {
		put(b.item, 0, i+1)
		for j, s := range b.subs {
			put(s, b.item, j+1)
		}
	}
	_, err := postgres.Exec(ctx, tx, `
		UPDATE agenda_item i SET parent_id = nullif(x.parent, 0), position = x.position
		FROM unnest($1::bigint[], $2::bigint[], $3::smallint[]) AS x(id, parent, position)
		WHERE i.id = x.id AND (i.position, coalesce(i.parent_id, 0)) IS DISTINCT FROM (x.position, x.parent)`, ids, parents, positions)
	return postgres.Wrap(err, "arrange agenda")
}

// Steps tells which steps a point can make, for the buttons of its line.
func Steps(items []Item, id ItemID) []Step {
	t := treeOf(items)
	var out []Step
	for _, step := range []Step{StepUp, StepDown, StepIn, StepOut} {
		if i, j, ok := findItem(t, id); ok && step == StepIn && j < 0 && i > 0 && leftFor(items, t[i-1].item) {
			continue // the point before it is dealt with elsewhere
		}
		if _, ok := stepped(t, id, step); ok {
			out = append(out, step)
		}
	}
	return out
}

func leftFor(items []Item, id ItemID) bool {
	i, err := itemOf(items, id)
	return err == nil && i.MovedTo != 0
}

// Shifted says what a move did to the number of a point.
type Shifted struct {
	Title, From, To string // numbers: « 3 », « 2.1 »
}

// MoveItem moves a point by one step. A step that leads nowhere changes nothing.
func (s *Service) MoveItem(ctx context.Context, by access.Actor, id ID, item ItemID, step Step) (done Shifted, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, items, err := s.ownAgenda(ctx, tx, by, id)
		if err != nil {
			return err
		}
		old, err := itemOf(items, item)
		if err != nil {
			return err
		}
		done = Shifted{old.Title, old.Number, old.Number}
		if !slices.Contains(Steps(items, item), step) {
			return nil
		}
		t, _ := stepped(treeOf(items), item, step)
		done.To = numberIn(t, item)
		if err := arrangeItems(ctx, tx, t); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, itemEntry("agenda.order", m, old, map[string]string{"position": done.From}, map[string]string{"position": done.To}))
	})
	return done, err
}

func numberIn(t []branch, id ItemID) string {
	i, j, _ := findItem(t, id)
	if j < 0 {
		return fmt.Sprint(i + 1)
	}
	return fmt.Sprintf("%d.%d", i+1, j+1)
}

// OrderMark names the order of an agenda: Reorder compares the one its page showed.
func OrderMark(items []Item) string {
	h := sha256.New()
	for _, i := range items {
		fmt.Fprintf(h, "%d:%d,", i.ID, i.Parent)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Reorder writes a whole order, and returns what it did to one point. mark is the
// OrderMark of the agenda the person saw: a Conflict when a point was added, removed
// or moved since.
func (s *Service) Reorder(ctx context.Context, by access.Actor, id ID, mark string, order []ItemPlace, item ItemID) (done Shifted, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, items, err := s.ownAgenda(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if mark != OrderMark(items) {
			return problem.New(problem.Conflict, "Quelqu’un d’autre a changé l’ordre du jour : voici le plus récent. Refaites votre déplacement.")
		}
		t, ok := treeFrom(order)
		if !ok || len(order) != len(items) {
			return problem.New(problem.BadRequest, "Cet ordre ne correspond pas à l’ordre du jour.")
		}
		for _, p := range order {
			if _, err := itemOf(items, p.Item); err != nil {
				return problem.New(problem.BadRequest, "Cet ordre ne correspond pas à l’ordre du jour.")
			}
		}
		if old, err := itemOf(items, item); err == nil {
			done = Shifted{old.Title, old.Number, numberIn(t, item)}
		}
		if err := arrangeItems(ctx, tx, t); err != nil {
			return err
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "agenda.order", Object: "meeting", ID: int64(m.ID), Label: m.Title(),
			Before: placesOf(treeOf(items)), After: order})
	})
	return done, err
}
