package voting

import (
	"context"
	"strings"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ShortTracker is how many characters of a tracker are enough to look for a ballot, and
// TrackerLength how many it has.
const (
	ShortTracker  = 8
	TrackerLength = 43
)

// Found is what the search of a tracker says.
type Found struct {
	Election election.Election
	Asked    string // as cleaned; "" when nothing was asked
	Ballots  []FoundBallot
}

// FoundBallot is a ballot that is in a box.
type FoundBallot struct {
	Tracker  string
	Box      string // name of the box
	Replaced bool   // a later ballot of the same code counts instead
}

// Searchable tells whether the election has, or had and still has, ballots.
func (f Found) Searchable() bool {
	return f.Election.Phase.Reached(election.Open) && f.Election.Phase != election.Destroyed
}

// CleanTracker takes the spaces off a tracker, or its first characters, as typed.
// Fields: numero.
func CleanTracker(typed string) (string, error) {
	t := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', '\u00a0', '\u202f', '-':
			return -1
		}
		return r
	}, typed)
	outside := strings.Trim(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != ""
	switch {
	case t == "":
		return "", problem.OnField("numero", "Saisissez le numéro de suivi, ou ses 8 premiers caractères.")
	case len(t) < ShortTracker:
		return "", problem.OnField("numero", "Saisissez au moins les 8 premiers caractères du numéro de suivi.")
	case outside || len(t) > TrackerLength:
		return "", problem.OnField("numero", "Ce n’est pas un numéro de suivi : vérifiez-le signe par signe. Les majuscules et les minuscules comptent.")
	}
	return t, nil
}

// Find looks for a tracker, or its first characters, in the boxes of an election.
// Everybody may: the list of trackers is public. "" asks nothing. That a ballot was
// replaced is told with the published head, as on the board: sooner, who asks again and
// again for the trackers of the list would see when each structure votes.
func (s *Service) Find(ctx context.Context, by access.Actor, id election.ID, asked string) (Found, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Found{}, err
	}
	f := Found{Election: e, Asked: asked}
	if asked == "" || !f.Searchable() {
		return f, nil
	}
	f.Ballots, err = postgres.List[FoundBallot](ctx, s.db, `
		SELECT i.tracker, b.name AS box,
		       EXISTS (SELECT FROM ballot_index l WHERE l.box_id = i.box_id AND l.credential = i.credential AND l.height > i.height
		               AND ($3 OR l.height <= (SELECT max(height) FROM head_publication h WHERE h.box_id = i.box_id))) AS replaced
		FROM ballot_index i JOIN ballot_box b ON b.id = i.box_id
		WHERE b.election_id = $1 AND NOT b.rehearsal AND left(i.tracker, length($2)) = $2 ORDER BY i.tracker LIMIT 5`, id, asked, e.Phase.Reached(election.Closed))
	return f, postgres.Wrap(err, "look for a tracker in election %d", id)
}
