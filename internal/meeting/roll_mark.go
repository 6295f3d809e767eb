package meeting

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Mark is what somebody marks of one person of the roll.
type Mark struct {
	Convocation   ConvocationID
	Status        Status        // "": nothing, the mark is taken off
	RepresentedBy string        // "": the alternate
	ProxyTo       ConvocationID // 0: who the person named in their answer
	ArrivedItem   ItemID
	LeftItem      ItemID
	Was           Status // what the form showed
	// Precise says that the form held the details too (proxy, representative, points
	// of arrival and leaving) and showed the mark of this version. Otherwise the
	// details already written stay as long as they have a meaning.
	Precise bool
	Version int
}

// RollRefusal is one person whose mark was not written, and why.
type RollRefusal struct {
	Row     RollRow // as it stands
	Mine    Mark    // what was asked
	Kind    problem.Kind
	Message string
}

// Marked says what became of marks: one refused stops no other.
type Marked struct {
	Saved   int
	Refused []RollRefusal
}

// Sentences that refuse one mark.
const (
	saysElse    = "Quelqu’un d’autre a noté autre chose pendant votre saisie."
	saysNoGuest = "Une personne invitée ne donne pas de pouvoir et n’est pas représentée."
	saysWho     = "Choisissez qui porte le pouvoir."
	saysGroup   = "Un pouvoir se donne à un membre du même groupe."
	saysThere   = "Qui porte un pouvoir doit être présent ou à distance : notez d’abord sa présence."
	saysLimit   = "Cette personne porte déjà autant de pouvoirs que l’instance en permet."
	saysHolds   = "Cette personne porte un pouvoir : notez d’abord ce que devient ce pouvoir."
)

// MarkRoll writes marks, each on its own row, in one transaction and one statement.
// What somebody else wrote meanwhile is never written over unseen: that row alone
// is refused.
func (s *Service) MarkRoll(ctx context.Context, by access.Actor, id ID, marks []Mark) (Marked, error) {
	var out Marked
	err := s.inRoll(ctx, by, id, func(tx pgx.Tx, m Meeting, rows []RollRow) error {
		write, refused := settleRoll(rows, marks, m.ProxiesMax)
		out = Marked{Saved: len(write), Refused: refused}
		return writeMarks(ctx, tx, by, m, rows, write)
	})
	return out, err
}

// MarkAnswered marks present whoever answered that they would come and is not
// marked yet.
func (s *Service) MarkAnswered(ctx context.Context, by access.Actor, id ID) (int, error) {
	return s.markWhere(ctx, by, id, func(r RollRow) bool { return r.Answer == WillCome })
}

// ConfirmCheckIns marks present whoever checked in by themselves and is not marked
// yet.
func (s *Service) ConfirmCheckIns(ctx context.Context, by access.Actor, id ID) (int, error) {
	return s.markWhere(ctx, by, id, func(r RollRow) bool { return r.CheckedIn })
}

func (s *Service) markWhere(ctx context.Context, by access.Actor, id ID, is func(RollRow) bool) (n int, err error) {
	err = s.inRoll(ctx, by, id, func(tx pgx.Tx, m Meeting, rows []RollRow) error {
		var marks []Mark
		for _, r := range rows {
			if r.Mark == "" && is(r) {
				marks = append(marks, Mark{Convocation: r.ID, Status: StatusPresent})
			}
		}
		n = len(marks)
		return writeMarks(ctx, tx, by, m, rows, marks)
	})
	return n, err
}

// settleRoll sorts marks into those to write, completed, and those refused. It is
// pure: the roll that follows keeps every rule of proxies.
func settleRoll(rows []RollRow, marks []Mark, most *int) (write []Mark, refused []RollRefusal) {
	at := make(map[ConvocationID]int, len(rows))
	for i, r := range rows {
		at[r.ID] = i
	}
	pending := map[ConvocationID]Mark{}
	var order []ConvocationID
	for _, k := range marks {
		i, ok := at[k.Convocation]
		if !ok {
			continue // of no page of ours: a person is never taken off the roll
		}
		row := rows[i]
		switch {
		case !k.changes(row):
		case k.crosses(row):
			refused = append(refused, RollRefusal{row, k, problem.Conflict, saysElse})
		default:
			if _, twice := pending[row.ID]; !twice {
				order = append(order, row.ID)
			}
			pending[row.ID] = k.completed(row)
		}
	}
	// A mark refused may be the one another leaned on: again until none falls.
	for again := true; again; {
		again = false
		after := applied(rows, pending)
		for _, id := range order {
			k, ok := pending[id]
			if !ok {
				continue
			}
			if says := objection(after, at, k, most); says != "" {
				delete(pending, id)
				refused = append(refused, RollRefusal{rows[at[id]], k, problem.Invalid, says})
				again = true
				break
			}
		}
	}
	for _, id := range order {
		if k, ok := pending[id]; ok {
			write = append(write, k)
		}
	}
	return write, refused
}

// changes tells whether the mark says something else than what the form showed, and
// than what stands.
func (k Mark) changes(row RollRow) bool {
	if !k.Precise {
		return k.Status != k.Was && (k.Status != row.Mark || row.CheckedIn && k.Status != "")
	}
	c := k.completed(row)
	return row.Mark != c.Status || row.RepresentedBy != c.RepresentedBy || row.ProxyTo != c.ProxyTo ||
		row.ArrivedItem != c.ArrivedItem || row.LeftItem != c.LeftItem
}

// crosses tells whether somebody else wrote what the form did not show.
func (k Mark) crosses(row RollRow) bool {
	if k.Precise {
		return k.Version != row.Version && !(row.CheckedIn && k.Version == 0)
	}
	return k.Was != row.Mark
}

// completed gives the mark its details and drops those its status gives no sense.
func (k Mark) completed(row RollRow) Mark {
	if !k.Precise {
		k.ArrivedItem, k.LeftItem = row.ArrivedItem, row.LeftItem
	}
	if k.RepresentedBy == "" {
		k.RepresentedBy = row.Alternate
	}
	if k.ProxyTo == 0 {
		k.ProxyTo = row.AnswerProxy
	}
	if k.Status != StatusRepresented {
		k.RepresentedBy = ""
	}
	if k.Status != StatusProxy {
		k.ProxyTo = 0
	}
	if !k.Status.there() && k.Status != StatusRepresented {
		k.ArrivedItem, k.LeftItem = 0, 0
	}
	return k
}

// applied is the roll once the marks are written.
func applied(rows []RollRow, marks map[ConvocationID]Mark) []RollRow {
	after := make([]RollRow, len(rows))
	copy(after, rows)
	for i := range after {
		if k, ok := marks[after[i].ID]; ok {
			after[i].Mark, after[i].ProxyTo = k.Status, k.ProxyTo
		}
	}
	return after
}

// objection says why a mark cannot stand in the roll it makes; "" when it can.
func objection(after []RollRow, at map[ConvocationID]int, k Mark, most *int) string {
	row := after[at[k.Convocation]]
	if !row.Member() && (k.Status == StatusProxy || k.Status == StatusRepresented) {
		return saysNoGuest
	}
	if k.Status == StatusProxy {
		if says := proxyObjection(after, at, row, most); says != "" {
			return says
		}
	}
	if !k.Status.there() && held(after, row.ID) > 0 {
		return saysHolds
	}
	return ""
}

// proxyObjection says why the proxy of a row cannot stand; "" when it can.
func proxyObjection(after []RollRow, at map[ConvocationID]int, row RollRow, most *int) string {
	i, ok := at[row.ProxyTo]
	switch {
	case !ok || row.ProxyTo == row.ID:
		return saysWho
	case !after[i].Member() || after[i].Group != row.Group:
		return saysGroup
	case !after[i].Mark.there():
		return saysThere
	case most != nil && held(after, row.ProxyTo) > *most:
		return saysLimit
	}
	return ""
}

// held counts the proxies that somebody carries.
func held(rows []RollRow, holder ConvocationID) (n int) {
	for _, r := range rows {
		if r.Mark == StatusProxy && r.ProxyTo == holder {
			n++
		}
	}
	return n
}

// rollEntry is what the journal keeps of a mark.
type rollEntry struct {
	Name   string `json:"nom"`
	Status Status `json:"presence"`
	Detail string `json:"precision,omitempty"`
}

// writeMarks writes the marks, in the order of the roll, and one entry of the
// journal for all.
func writeMarks(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, rows []RollRow, marks []Mark) error {
	if len(marks) == 0 {
		return nil
	}
	names := make(map[ConvocationID]RollRow, len(rows))
	for _, r := range rows {
		names[r.ID] = r
	}
	var (
		off, ids, proxies, from, to []int64
		statuses, persons           []string
		before, after               []rollEntry
	)
	for _, k := range marks {
		row := names[k.Convocation]
		before = append(before, rollEntry{row.Name, row.Mark, strings.TrimSpace(row.RepresentedBy + row.ProxyToName)})
		after = append(after, rollEntry{row.Name, k.Status, strings.TrimSpace(k.RepresentedBy + names[k.ProxyTo].Name)})
		if k.Status == "" {
			off = append(off, int64(k.Convocation))
			continue
		}
		ids, statuses, persons = append(ids, int64(k.Convocation)), append(statuses, string(k.Status)), append(persons, k.RepresentedBy)
		proxies, from, to = append(proxies, int64(k.ProxyTo)), append(from, int64(k.ArrivedItem)), append(to, int64(k.LeftItem))
	}
	// A point of another meeting is no point of this one: it is not written.
	_, err := postgres.Exec(ctx, tx, `
		WITH gone AS (DELETE FROM attendance WHERE meeting_id = $1 AND convocation_id = ANY ($2::bigint[])),
		     mine AS (SELECT id FROM agenda_item WHERE meeting_id = $1)
		INSERT INTO attendance (convocation_id, meeting_id, status, represented_by, proxy_to_id, arrived_item_id, left_item_id, source, marked_by)
		SELECT x.c, $1, x.s, x.r, nullif(x.p, 0), (SELECT id FROM mine WHERE id = x.f), (SELECT id FROM mine WHERE id = x.t), $9, $10
		FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[]) AS x(c, s, r, p, f, t)
		ON CONFLICT (convocation_id) DO UPDATE
		SET status = EXCLUDED.status, represented_by = EXCLUDED.represented_by, proxy_to_id = EXCLUDED.proxy_to_id,
		    arrived_item_id = EXCLUDED.arrived_item_id, left_item_id = EXCLUDED.left_item_id,
		    source = EXCLUDED.source, marked_by = EXCLUDED.marked_by, marked_at = now(), version = attendance.version + 1`,
		m.ID, off, ids, statuses, persons, proxies, from, to, rollSource(m), by.Name)
	if err != nil {
		return postgres.Wrap(err, "mark the roll of %d", m.ID)
	}
	return audit.Record(ctx, tx, by, audit.Entry{Action: "roll.mark", Object: "meeting", ID: int64(m.ID), Label: m.Title(), Before: before, After: after})
}
