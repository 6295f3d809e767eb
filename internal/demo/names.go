package demo

import "fmt"

// Plainly fictional people: given names of every day, family names that are
// words of the landscape. No elected official's name stands here.
var (
	firstNames = []string{
		"Camille", "Inès", "Malik", "Jeanne", "Hugo", "Aïcha", "Paul", "Léonie", "Karim", "Suzanne",
		"Nino", "Fatou", "Basile", "Mathilde", "Yanis", "Clémence", "Omar", "Élise", "Sacha", "Noémie",
		"Ibrahim", "Adèle", "Tristan", "Salomé", "Idris", "Margaux", "Gaspard", "Leïla", "Augustin", "Violette",
	}
	lastNames = []string{
		"Vertefeuille", "Clairefontaine", "Montcaillou", "Rivedouce", "Boisjoli", "Champsoleil", "Grandlarge",
		"Petitpont", "Hautegrève", "Bellerive", "Longuechaume", "Saintebrume", "Fontvieille", "Roncefleur",
		"Tournelune", "Valfroid", "Blanchecombe", "Courtepaille", "Dunegrise", "Étangclair", "Forgeval",
		"Gerbedor", "Houxrond", "Îledoux", "Joncmarin", "Landebleue", "Marebelle", "Noirmoulin", "Ormevert",
		"Pinchamp", "Quatrevents", "Rochetendre", "Sablonneuve", "Tilleulrond", "Ventdoux", "Yeusegrande",
	}
)

// namer gives a different person at each call, always in the same order.
type namer struct{ n int }

// next pairs the given name i of a block with the family name i shifted by the
// number of the block: the first 1,080 people all differ.
func (n *namer) next() (first, last string) {
	i, block := n.n%len(firstNames), n.n/len(firstNames)
	n.n++
	return firstNames[i], lastNames[(i+block)%len(lastNames)]
}

// The 14 kinds of institutional partners the deliberation calls « les principaux
// acteurs locaux institutionnels »: the kinds are real, the people are not.
var partners = []struct{ name, category string }{
	{"Conseil départemental", "Collectivité"},
	{"Conseil régional", "Collectivité"},
	{"Caisse d’allocations familiales", "Protection sociale"},
	{"Caisse primaire d’assurance maladie", "Protection sociale"},
	{"Caisse d’assurance retraite", "Protection sociale"},
	{"Mutualité sociale agricole", "Protection sociale"},
	{"Service public de l’emploi", "Emploi et insertion"},
	{"Mission locale", "Emploi et insertion"},
	{"Opérateur postal", "Service au public"},
	{"Banque publique d’investissement territorial", "Financement"},
	{"Syndicat mixte numérique", "Numérique public"},
	{"Rectorat", "Éducation"},
	{"Union des centres communaux d’action sociale", "Action sociale"},
	{"Bailleurs sociaux réunis", "Logement"},
}

var (
	socialKinds  = []string{"Centre social", "Épicerie solidaire", "Maison des solidarités", "Accueil de jour", "Régie de quartier", "Entraide", "Foyer", "Pension de famille"}
	digitalKinds = []string{"Atelier numérique", "Médiathèque", "Espace numérique", "Tiers-lieu", "Fabrique numérique", "Point d’accès numérique", "Café numérique", "Bus numérique"}
	placeNames   = []string{"des Tilleuls", "du Héron", "de la Jalle", "des Deux Rives", "du Vieux Puits", "des Glycines", "de l’Estey", "du Grand Pin", "des Hirondelles", "de la Palombe", "du Lavoir", "des Acacias", "de l’Anguille", "du Belvédère", "des Échoppes", "de la Passerelle", "du Figuier", "des Mascarets", "de la Tonnelle", "du Cormoran"}
)

// structureName returns the name of the nth structure (from 1): odd ones do
// social work, even ones digital mediation. No two are alike.
func structureName(n int) string {
	kinds := socialKinds
	if n%2 == 0 {
		kinds = digitalKinds
	}
	i := (n - 1) / 2
	return fmt.Sprintf("%s %s", kinds[i%len(kinds)], placeNames[(i+i/len(kinds))%len(placeNames)])
}
