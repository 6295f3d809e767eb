// Package election holds what the pages of the election share: addresses and tags. Each
// subject has its own package below.
package election

import (
	"strconv"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election"
)

// Address is the public page of an election.
func Address(id election.ID) string { return "/elections/" + strconv.FormatInt(int64(id), 10) }

// Desk is the team's page of an election.
func Desk(id election.ID) string { return "/equipe/elections/" + strconv.FormatInt(int64(id), 10) }

// Board is the public page of the boxes of an election.
func Board(id election.ID) string { return Address(id) + "/urne" }

// BoxFile is the address of a public file of a box: election.json, somme.json.
func BoxFile(id election.ID, box election.BoxID, name string) string {
	return Board(id) + "/" + strconv.FormatInt(int64(box), 10) + "/" + name
}

// Named is a structure with its commune, said once when the name ends with it.
func Named(structure, commune string) string {
	if commune == "" || strings.HasSuffix(structure, ", "+commune) {
		return structure
	}
	return structure + ", " + commune
}
