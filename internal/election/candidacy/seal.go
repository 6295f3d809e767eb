package candidacy

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Check is one thing that must be so before the lists are sealed.
type Check struct {
	Name  string // claims, register, examined, dates, seed, candidacies
	Label string
	OK    bool
	Hint  string // what is left to do
}

// Checks are what must be so before the lists are sealed, in order.
func (d Desk) Checks() []Check {
	e := d.Election
	waiting := len(d.In(Submitted)) + len(d.In(Asked))
	over := e.WithdrawUntil != nil && !e.Now.Before(*e.WithdrawUntil) && (e.ClaimsUntil == nil || !e.Now.Before(*e.ClaimsUntil)) &&
		(e.CandidaciesUntil == nil || !e.Now.Before(*e.CandidaciesUntil))
	dates := ""
	if !over && e.WithdrawUntil != nil {
		dates = "Retraits possibles jusqu’au " + french.DateTime(*e.WithdrawUntil) + "."
		if e.ClaimsUntil != nil && e.ClaimsUntil.After(*e.WithdrawUntil) {
			dates = "Réclamations possibles jusqu’au " + french.DateTime(*e.ClaimsUntil) + "."
		}
	}
	off := 0
	for _, c := range d.In(Accepted) {
		if !c.OnRoll || d.Seats[c.College] == 0 {
			off++
		}
	}
	accepted := len(d.In(Accepted)) - off
	all := []Check{
		{"claims", "Toutes les réclamations ont une réponse", d.Claims == 0, french.Count(d.Claims, "réclamation attend", "réclamations attendent") + " une réponse."},
		{"register", "La liste électorale suit le registre", d.Changes == 0, french.Count(d.Changes, "différence", "différences") + " avec le registre : actualisez la liste."},
		{"examined", "Toutes les candidatures sont acceptées ou refusées", waiting == 0, french.Count(waiting, "candidature est", "candidatures sont") + " à examiner."},
		{"roll", "Les candidatures acceptées sont celles de structures inscrites", off == 0, french.Count(off, "candidature acceptée ne peut", "candidatures acceptées ne peuvent") + " plus être présentée : refusez-la, avec son motif."},
		{"candidacies", "Au moins une candidature est acceptée", accepted > 0, "Prolongez le dépôt, ou abandonnez l’élection."},
		{"dates", "Réclamations, dépôt et retraits sont clos", over, dates},
		{"seed", "Le texte du tirage de l’ordre est publié", e.OrderSeed != "", "Publiez-le sur la page de l’élection : l’ordre en est tiré."},
	}
	for i := range all {
		if all[i].OK {
			all[i].Hint = ""
		}
	}
	return all
}

// MaySeal refuses to seal the lists while something is left to do.
func (d Desk) MaySeal() error {
	if err := inCandidacies(d.Election); err != nil {
		return err
	}
	var left []string
	for _, c := range d.Checks() {
		if !c.OK {
			left = append(left, c.Label)
		}
	}
	if len(left) > 0 {
		return problem.New(problem.Conflict, "Les listes ne peuvent pas encore être arrêtées. Il reste à vérifier : "+strings.ToLower(strings.Join(left, " ; "))+".")
	}
	return nil
}

// Seal freezes the roll and the candidacies, draws the order of the candidates of each
// college from the seed that was published, makes the ballot boxes with their lists of
// who may vote, and freezes the colleges of the register: all or nothing.
func (s *Service) Seal(ctx context.Context, by access.Actor, id election.ID, version int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := inCandidacies(e); err != nil {
			return err
		}
		if e.Version != version {
			return election.ErrStale
		}
		// First: a change of college that had begun is done, none begins.
		if err := structure.FreezeIn(ctx, tx, by, "Liste électorale arrêtée : "+e.Title); err != nil {
			return err
		}
		d, err := desk(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := d.MaySeal(); err != nil {
			return err
		}
		placed, err := draw(ctx, tx, d)
		if err != nil {
			return err
		}
		if err := makeBoxes(ctx, tx, d, placed); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `DELETE FROM candidacy_draft WHERE election_id = $1`, id); err != nil {
			return postgres.Wrap(err, "erase drafts of election %d", id)
		}
		if err := election.SetPhase(ctx, tx, by, e, election.Sealed); err != nil {
			return err
		}
		print, err := Fingerprint(ctx, tx, id)
		if err != nil {
			return err
		}
		return election.Record(ctx, tx, by, "seal", e, nil, map[string]any{"inscrites": d.Roll, "candidatures": placed, "texte_du_tirage": e.OrderSeed, "empreinte": print})
	})
}

// draw gives each accepted candidacy its place, and its name, commune and college as the
// roll has them now. It returns how many stand in each college.
func draw(ctx context.Context, tx pgx.Tx, d Desk) (map[governance.College]int, error) {
	placed := map[governance.College]int{}
	var ids []ID
	var places []int
	for _, college := range governance.Colleges {
		var in []ID
		for _, c := range d.In(Accepted) {
			if c.College == college {
				in = append(in, c.ID)
			}
		}
		for _, x := range Order(d.Election.OrderSeed, in) {
			ids, places = append(ids, x.ID), append(places, x.Place)
		}
		placed[college] = len(in)
	}
	n, err := postgres.Exec(ctx, tx, `
		UPDATE candidacy c SET place = x.place, structure_name = r.name, commune = r.commune, college = r.college, version = c.version + 1
		FROM unnest($2::bigint[], $3::int[]) AS x (id, place), election_roll r
		WHERE c.id = x.id AND c.election_id = $1 AND r.election_id = c.election_id AND r.structure_id = c.structure_id`, d.Election.ID, ids, places)
	if err == nil && n != int64(len(ids)) {
		err = problem.New(problem.Conflict, "Une candidature acceptée n’est plus sur la liste électorale.")
	}
	return placed, postgres.Wrap(err, "places of candidacies")
}

// makeBoxes makes one box a college that has candidates, where its structures vote; or
// one for all. A college where nobody stands has no question, and so no box of its own.
func makeBoxes(ctx context.Context, tx pgx.Tx, d Desk, placed map[governance.College]int) error {
	e := d.Election
	var standing []governance.College
	for _, c := range governance.Colleges {
		if placed[c] > 0 {
			standing = append(standing, c)
		}
	}
	if e.Rules.Voters == "all" && len(standing) == 2 {
		return makeBox(ctx, tx, e, nil, true, d.Seats[standing[0]]+d.Seats[standing[1]])
	}
	for _, c := range standing { // two at most
		if err := makeBox(ctx, tx, e, &c, e.Rules.Voters == "all", d.Seats[c]); err != nil {
			return err
		}
	}
	return nil
}

// makeBox makes a box and the list of the structures that vote in it: those of its
// college, or all.
func makeBox(ctx context.Context, tx pgx.Tx, e election.Election, college *governance.College, all bool, seats int) error {
	box := election.Box{College: college}
	_, err := postgres.Exec(ctx, tx, `
		WITH box AS (INSERT INTO ballot_box (election_id, college, uuid, name, seats) VALUES ($1, $2, $3, $4, $5) RETURNING id)
		INSERT INTO emargement (box_id, structure_id)
		SELECT box.id, r.structure_id FROM box, election_roll r WHERE r.election_id = $1 AND ($6 OR r.college = $2) ORDER BY r.structure_id`,
		e.ID, college, belenios.NewUUID(), e.Title+", "+strings.ToLower(box.CollegeLabel()), seats, all)
	return postgres.Wrap(err, "box of election %d", e.ID)
}

// Fingerprint is the SHA-256, in hexadecimal, of the roll and of the candidates of an
// election: what was sealed has the one that the journal keeps.
func Fingerprint(ctx context.Context, q postgres.Querier, id election.ID) (string, error) {
	print, err := postgres.Value[string](ctx, q, `
		SELECT encode(sha256(convert_to(
		    coalesce((SELECT string_agg(concat_ws('|', 'inscrite', structure_id, college, name, commune), chr(10) ORDER BY structure_id) FROM election_roll WHERE election_id = $1), '')
		    || chr(10) ||
		    coalesce((SELECT string_agg(concat_ws('|', 'candidature', id, structure_id, college, place, structure_name, titular_first, titular_last, alternate_first, alternate_last, statement),
		              chr(10) ORDER BY id) FROM candidacy WHERE election_id = $1 AND place IS NOT NULL), ''), 'UTF8')), 'hex')`, id)
	return print, postgres.Wrap(err, "fingerprint of the lists of election %d", id)
}
