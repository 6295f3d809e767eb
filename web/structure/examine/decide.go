package examine

import (
	"net/http"

	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/page"
	"bordeaux-metropole.fr/portal/web/ui"
)

// Answers of the form of the decision.
const (
	answerAccept = "accepter"
	answerAsk    = "preciser"
	answerRefuse = "refuser"
)

var decisionOptions = []ui.Option{
	{Value: answerAccept, Label: "Accepter", Hint: "La structure entre dans le GNI ; les personnes nommées sont invitées à créer un compte."},
	{Value: answerAsk, Label: "Demander une précision", Hint: "La structure répond par son lien personnel, puis la demande revient dans la liste."},
	{Value: answerRefuse, Label: "Refuser", Hint: "La structure lit le motif. Elle peut s’inscrire de nouveau."},
}

// Decide answers POST /equipe/structures/{id}/decision, then opens the next request.
func (p *Pages) Decide(w http.ResponseWriter, r *http.Request) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	ctx, by := r.Context(), page.Actor(r)
	version := f.Int("version", "", 0, 1<<30)
	var do func() error
	var done string
	switch f.Choice("decision", "Choisissez une décision.", answerAccept, answerAsk, answerRefuse) {
	case answerAccept:
		on := f.Date("debut", "Saisissez la date d’entrée dans le GNI.")
		done = "La structure rejoint le GNI."
		do = func() error { return p.Structures.Accept(ctx, by, id, version, on) }
	case answerAsk:
		question := f.Text("question", "Écrivez ce que vous demandez à la structure.", structure.MaxDecisionText)
		done = "La question est envoyée à la structure."
		do = func() error { return p.Structures.Ask(ctx, by, id, version, question) }
	case answerRefuse:
		reason := f.Text("motif", "Écrivez le motif du refus"+french.NBSP+": la structure le lira.", structure.MaxDecisionText)
		done = "La demande est refusée, et son motif envoyé."
		do = func() error { return p.Structures.Refuse(ctx, by, id, version, reason) }
	}
	for _, other := range []string{"debut", "question", "motif"} {
		f.Raw(other)
	}
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(); refusal == nil {
			return p.openNext(w, r, id, done)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showStructure(w, r, id, f, refusal)
}

// openNext leads to the request that comes after in the queue.
func (p *Pages) openNext(w http.ResponseWriter, r *http.Request, id structure.ID, done string) error {
	next, err := p.Structures.NextToExamine(r.Context(), page.Actor(r), id)
	switch {
	case err != nil:
		return err
	case next == 0:
		return p.Kit.Done(w, r, registerPath, done+" Plus aucune demande n’est à examiner.")
	}
	return p.Kit.Done(w, r, structurePath(next), done+" Voici la demande suivante.")
}

// Reopen answers POST /equipe/structures/{id}/reouverture.
func (p *Pages) Reopen(w http.ResponseWriter, r *http.Request) error {
	return p.one(w, r, "La demande est rouverte"+french.NBSP+": elle est de nouveau à examiner.", func(f *form.Form, id structure.ID) func() error {
		version, word := f.Int("version", "", 0, 1<<30), f.Text("mot", "", structure.MaxDecisionText)
		return func() error { return p.Structures.Reopen(r.Context(), page.Actor(r), id, version, word) }
	})
}

// AddNote answers POST /equipe/structures/{id}/note.
func (p *Pages) AddNote(w http.ResponseWriter, r *http.Request) error {
	return p.one(w, r, "La note est gardée.", func(f *form.Form, id structure.ID) func() error {
		text := f.Text("note", "Écrivez la note.", structure.MaxDecisionText)
		return func() error { return p.Structures.Note(r.Context(), page.Actor(r), id, text) }
	})
}

// one reads a form of the page of a structure, does its act and shows the page.
func (p *Pages) one(w http.ResponseWriter, r *http.Request, done string, read func(f *form.Form, id structure.ID) func() error) error {
	id, err := page.PathID[structure.ID](r, "id")
	if err != nil {
		return err
	}
	f, err := form.Read(r)
	if err != nil {
		return err
	}
	do := read(f, id)
	if err := f.Unknown(); err != nil {
		return err
	}
	var refusal error
	if f.OK() {
		if refusal = do(); refusal == nil {
			return p.Kit.Done(w, r, structurePath(id), done)
		}
		if !page.Takes(f, refusal) {
			return refusal
		}
	}
	return p.showStructure(w, r, id, f, refusal)
}
