package demo

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// poll is an election to show. Its acts took place on days that are past, which the
// services, judging by the database clock, cannot do: its rows are written as they
// would have left them, and its ballots are real.
type poll struct {
	title       string
	rules       election.Rules
	opens       day.Day // nine o'clock; the other days follow from it
	closes      day.Day // noon
	rollOn      day.Day // who was a member that day is on the roll
	candidates  []int   // indexes in the members of a college; the first ones win
	voters      int     // of each college
	id          election.ID
	seedOrder   string
	keyHolders  []access.PersonID
	trustees    []belenios.Trustee
	privateKeys []belenios.PrivateKey
}

// elections shows the designation of the ten, and the vote that renews them.
func (w *world) elections() error {
	if w.Count == nil {
		return nil
	}
	rules := election.DefaultRules()
	rules.TermYears = 2
	past := &poll{title: "Élection des représentants du GNI, 2025", rules: rules, opens: gniVote.AddDays(-10), closes: gniVote, rollOn: gniVote.AddDays(-20),
		candidates: []int{7, 14, 21, 28, 35, 2, 10}, voters: w.ballots(24), seedOrder: "Loto du samedi 8 mars 2025 : 4 11 23 37 42, numéro chance 6"}
	now := &poll{title: fmt.Sprintf("Élection des représentants du GNI, %d", w.today.Year()), rules: election.DefaultRules(), opens: w.today.AddDays(-4), closes: w.today.AddDays(6),
		rollOn: w.today, candidates: []int{3, 9, 16, 22, 30, 44, 51, 60}, voters: w.ballots(16),
		seedOrder: "Loto du dernier samedi avant le gel des listes : 7 12 19 28 46, numéro chance 3"}
	for _, p := range []*poll{past, now} {
		if err := w.stage(p); err != nil {
			return fmt.Errorf("%s: %w", p.title, err)
		}
	}
	return w.finish(past)
}

// ballots is how many structures of a college vote: a multiple of eight, so that nobody
// ties (see ranks).
func (w *world) ballots(usual int) int {
	if w.FewBallots {
		return 8
	}
	return usual
}

// stage writes an election up to its last vote, or to its end.
func (w *world) stage(p *poll) error {
	return postgres.InTx(w.ctx, w.DB, func(tx pgx.Tx) error {
		for _, step := range []func(pgx.Tx, *poll) error{w.stageRules, w.stageLists, w.stageKeys, w.stageBoxes, w.stageVotes, w.stageCeremony, w.stageHeads} {
			if err := step(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) stageRules(tx pgx.Tx, p *poll) error {
	var err error
	p.id, err = postgres.Value[election.ID](w.ctx, tx, `
		INSERT INTO election (title, rules, rules_sha256, phase, rules_published_at, claims_until, candidacies_from, candidacies_until, withdraw_until, opens_at, closes_at,
			order_seed, tie_source, created_at)
		VALUES ($1, $2, sha256(convert_to($2, 'UTF8')), 'candidacies', $3, $4, $5, $6, $7, $8, $9, $10, $11, $3) RETURNING id`,
		p.title, p.rules.Text(), p.opens.AddDays(-45).At(10, 0), p.opens.AddDays(-20).At(12, 0), p.opens.AddDays(-30).At(9, 0), p.opens.AddDays(-14).At(12, 0), p.opens.AddDays(-10).At(12, 0),
		p.opens.At(9, 0), p.closes.At(12, 0), p.seedOrder, "Premier tirage du Loto qui suit la clôture du vote : les cinq numéros et le numéro chance, dans l’ordre croissant")
	return err
}

// stageLists writes the roll and the candidacies, then freezes them.
func (w *world) stageLists(tx pgx.Tx, p *poll) error {
	_, err := postgres.Exec(w.ctx, tx, `
		INSERT INTO election_roll (election_id, structure_id, name, commune, college)
		SELECT $1, s.organisation_id, o.name, coalesce(co.name, ''), s.college
		FROM seat s JOIN organisation o ON o.id = s.organisation_id JOIN structure t ON t.organisation_id = s.organisation_id LEFT JOIN commune c ON c.insee = t.insee LEFT JOIN organisation co ON co.id = c.organisation_id
		WHERE s.kind = 'structure' AND s.during @> $2::date`, p.id, p.rollOn)
	if err != nil {
		return err
	}
	for _, college := range governance.Colleges {
		if err := w.stageCandidates(tx, p, college); err != nil {
			return err
		}
		_, err := postgres.Exec(w.ctx, tx, `
			WITH box AS (INSERT INTO ballot_box (election_id, college, uuid, name, seats, stamp) VALUES ($1, $2, $3, $4, 5, $5) RETURNING id)
			INSERT INTO emargement (box_id, structure_id) SELECT box.id, structure_id FROM box, election_roll WHERE election_id = $1 AND college = $2`,
			p.id, string(college), uuidOf(p.title, college), p.title+", "+college.Label(), p.opens.AddDays(-3).At(0, 0).Unix())
		if err != nil {
			return err
		}
	}
	_, err = postgres.Exec(w.ctx, tx, `
		INSERT INTO election_claim (election_id, structure_id, kind, text, made_by, made_at, state, answer, decided_at)
		SELECT $1, r.structure_id, 'name', 'Le nom de notre structure a changé à la rentrée : la liste porte encore l’ancien.', m.person_id, $2, 'accepted',
		       'La fiche de votre structure a été mise à jour, et la liste avec elle.', $3
		FROM election_roll r JOIN membership m ON m.organisation_id = r.structure_id WHERE r.election_id = $1 ORDER BY r.structure_id, m.id LIMIT 1`,
		p.id, p.opens.AddDays(-28).At(9, 40), p.opens.AddDays(-26).At(11, 0))
	if err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, tx, `UPDATE election SET phase = 'open', sealed_at = $2, ready_at = $3, opened_at = $4 WHERE id = $1`,
		p.id, p.opens.AddDays(-9).At(14, 0), p.opens.AddDays(-3).At(15, 0), p.opens.At(9, 0))
	return err
}

var pledges = []string{
	"Nous accompagnons chaque semaine des habitants qui n’osent plus ouvrir leur messagerie. Nous porterons leur voix : des lieux proches, des horaires larges, des aidants formés.",
	"Nos ateliers sont ouverts à tous, sans rendez-vous. Nous voulons que la feuille de route finance le temps long de l’accompagnement, pas seulement l’équipement.",
	"Nous travaillons avec les CCAS et les bibliothèques du quartier. Notre priorité : qu’une personne n’ait jamais à raconter deux fois sa situation.",
	"Le réemploi des ordinateurs est notre métier. Nous proposerons un circuit commun à toute la métropole, de la collecte au don.",
	"Nous voulons que les petites structures soient entendues autant que les grandes, et que les réunions se tiennent aussi sur la rive droite.",
}

// stageCandidates writes the candidacies of a college in the order that was drawn.
func (w *world) stageCandidates(tx pgx.Tx, p *poll, college governance.College) error {
	for i, index := range p.candidates {
		first, last := w.names.next()
		_, err := postgres.Exec(w.ctx, tx, `
			INSERT INTO candidacy (election_id, structure_id, college, structure_name, commune, titular_first, titular_last, titular_email, titular_function, titular_gender,
				alternate_first, alternate_last, alternate_function, alternate_gender, statement, state, submitted_by, submitted_at, decided_at)
			SELECT $1, r.structure_id, $2, r.name, r.commune, p.first_name, p.last_name, coalesce(p.email, ''), 'Personne référente', 'f', $5, $6, 'Membre de l’équipe', 'm', $7, 'accepted', p.id, $8, $9
			FROM election_roll r JOIN seat s ON s.organisation_id = r.structure_id AND s.kind = 'structure' JOIN mandate m ON m.seat_id = s.id AND m.kind = 'titular' JOIN person p ON p.id = m.person_id
			WHERE r.election_id = $1 AND r.college = $2 AND p.id = $4 AND m.during @> $3::date`,
			p.id, string(college), p.rollOn, w.reps[college][index], first, last, pledges[i%len(pledges)],
			p.opens.AddDays(-25+i).At(11, 0), p.opens.AddDays(-12).At(16, 0))
		if err != nil {
			return err
		}
	}
	_, err := postgres.Exec(w.ctx, tx, `
		UPDATE candidacy c SET place = d.place
		FROM (SELECT id, row_number() OVER (ORDER BY sha256(convert_to($3 || '|' || id, 'UTF8'))) AS place FROM candidacy WHERE election_id = $1 AND college = $2) d
		WHERE c.id = d.id`, p.id, string(college), p.seedOrder)
	return err
}

// stageKeys gives the three scrutineers the keys of the demonstration.
func (w *world) stageKeys(tx pgx.Tx, p *poll) error {
	var err error
	p.keyHolders, err = postgres.Values[access.PersonID](w.ctx, tx, `SELECT id FROM person WHERE email = ANY($1) ORDER BY array_position($1, email)`,
		[]string{"scrutatrice@example.org", "scrutateur2@example.org", "scrutatrice3@example.org"})
	if err != nil {
		return err
	}
	qualities := []string{"Bureau de vote, Bordeaux Métropole", "Déléguée du collège action sociale", "Déléguée du collège médiation numérique"}
	for i, person := range p.keyHolders {
		key := PrivateKey(p.title, i+1)
		public := key.Trustee()
		p.trustees, p.privateKeys = append(p.trustees, public), append(p.privateKeys, key)
		_, err = postgres.Exec(w.ctx, tx, `INSERT INTO election_trustee (election_id, owner, person_id, quality, public_key, uploaded_at, escrow) VALUES ($1, $2, $3, $4, $5, $6, 'Coffre du service juridique, enveloppe scellée')`,
			p.id, i+1, person, qualities[i], string(public.Raw()), p.opens.AddDays(-5).At(10+i, 0))
		if err != nil {
			return err
		}
	}
	return nil
}

// stageBoxes sets the boxes up with the codes of the demonstration.
func (w *world) stageBoxes(tx pgx.Tx, p *poll) error {
	e, err := election.Load(w.ctx, tx, actor, p.id)
	if err != nil {
		return err
	}
	candidates, err := election.Candidates(w.ctx, tx, p.id)
	if err != nil {
		return err
	}
	boxes, err := election.Boxes(w.ctx, tx, p.id, false)
	if err != nil {
		return err
	}
	for _, b := range boxes {
		roll, err := w.rollOf(tx, b)
		if err != nil {
			return err
		}
		codes := make([]string, len(roll))
		inParallel(len(roll), func(i int) { codes[i] = belenios.PublicCredential(VoteCode(b.UUID, roll[i]), b.UUID) })
		be, err := belenios.NewElection(b.UUID, b.Name, "", p.trustees, election.Questions(e, b, candidates))
		if err != nil {
			return err
		}
		c := election.ChainOf(b)
		records, err := c.Setup(be, p.trustees, belenios.CredentialsJSON(codes))
		if err != nil {
			return err
		}
		_, err = postgres.Exec(w.ctx, tx, `WITH codes AS (INSERT INTO public_credential (box_id, credential) SELECT $1, unnest($2::text[]))
			UPDATE ballot_box SET election_json = $3, public_credentials = $4 WHERE id = $1`, b.ID, codes, be.Raw, len(codes))
		if err != nil {
			return err
		}
		if _, err := election.Append(w.ctx, tx, b, c, records, 0); err != nil {
			return err
		}
	}
	return nil
}

// rollOf returns the structures that vote in a box.
func (w *world) rollOf(tx pgx.Tx, b election.Box) ([]access.OrganisationID, error) {
	return postgres.Values[access.OrganisationID](w.ctx, tx, `SELECT structure_id FROM emargement WHERE box_id = $1 ORDER BY structure_id`, b.ID)
}

// stageVotes puts ballots in the boxes, in an order that says nothing.
func (w *world) stageVotes(tx pgx.Tx, p *poll) error {
	boxes, err := election.Boxes(w.ctx, tx, p.id, false)
	if err != nil {
		return err
	}
	candidates, err := election.Candidates(w.ctx, tx, p.id)
	if err != nil {
		return err
	}
	for _, b := range boxes {
		be, err := belenios.ParseElection(b.Raw)
		if err != nil {
			return err
		}
		roll, err := w.rollOf(tx, b)
		if err != nil {
			return err
		}
		// The first structures of each college have not voted: their accounts are those
		// people try.
		voters := roll[len(roll)-p.voters:]
		raw, errs := make([][]byte, p.voters), make([]error, p.voters)
		lines := b.In(candidates)[0]
		inParallel(p.voters, func(i int) {
			raw[i], errs[i] = be.Encrypt(VoteCode(b.UUID, voters[i]), [][]int{choicesOf(lines, i)})
		})
		if err := errors.Join(errs...); err != nil {
			return err
		}
		if err := w.cast(tx, b, voters, raw); err != nil {
			return err
		}
	}
	return nil
}

// cast writes ballots as voting does, all at once.
func (w *world) cast(tx pgx.Tx, b election.Box, voters []access.OrganisationID, raw [][]byte) error {
	c := election.ChainOf(b)
	var records []belenios.Record
	var heights []int
	var trackers, credentials []string
	for i, r := range raw {
		tracker := sha256.Sum256(r)
		heights, trackers = append(heights, c.Next), append(trackers, base64.RawStdEncoding.EncodeToString(tracker[:]))
		credentials = append(credentials, belenios.PublicCredential(VoteCode(b.UUID, voters[i]), b.UUID))
		records = append(records, c.Ballot(r)...)
	}
	if _, err := election.Append(w.ctx, tx, b, c, records, len(raw)); err != nil {
		return err
	}
	_, err := postgres.Exec(w.ctx, tx, `INSERT INTO ballot_index (box_id, height, credential, tracker, via)
		SELECT $1, h, c, t, CASE WHEN h % 9 = 4 THEN 'server' WHEN h % 17 = 8 THEN 'desk' ELSE 'browser' END FROM unnest($2::int[], $3::text[], $4::text[]) AS x (h, c, t)`, b.ID, heights, credentials, trackers)
	if err != nil {
		return err
	}
	_, err = postgres.Exec(w.ctx, tx, `UPDATE emargement SET voted = structure_id = ANY($2), told = structure_id = ANY($2) WHERE box_id = $1`, b.ID, voters)
	return err
}

// inParallel calls f from 0 to n, on every processor.
func inParallel(n int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// uuidOf is the identifier of a box of the demonstration, always the same.
func uuidOf(title string, college governance.College) string {
	sum := sha256.Sum256([]byte("demo uuid " + title + string(college)))
	out := make([]byte, 14)
	for i := range out {
		out[i] = base58[int(sum[i])%len(base58)]
	}
	return string(out)
}

// VoteCode is the private code of a structure in a box of the demonstration. In an
// election, codes are random and the portal never has them.
func VoteCode(uuid string, structure access.OrganisationID) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "demo code %s %d %d", uuid, structure, n))
		digits := make([]byte, 22)
		for i := range digits {
			digits[i] = base58[int(sum[i])%len(base58)]
		}
		if code, err := belenios.CleanCode(string(digits)); err == nil { // one in 59
			return code
		}
	}
}

// PrivateKey is the key of a scrutineer of the demonstration. In an election the
// portal never has it.
func PrivateKey(title string, owner int) belenios.PrivateKey {
	sum := sha256.Sum256(fmt.Appendf(nil, "demo key %s %d", title, owner))
	var k belenios.PrivateKey
	k.X.Int = *new(big.Int).Rsh(new(big.Int).SetBytes(sum[:]), 1) // under q
	return k
}
