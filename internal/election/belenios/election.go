package belenios

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// version is that of the protocol.
const version = 1

// electionJSON is the election.json.
type electionJSON struct {
	Version     int        `json:"version"`
	Description string     `json:"description"`
	Name        string     `json:"name"`
	Group       string     `json:"group"`
	PublicKey   Number     `json:"public_key"`
	Questions   []Question `json:"questions"`
	UUID        string     `json:"uuid"`
}

func (j *electionJSON) raw() []byte {
	b := appendString([]byte(`{"version":1,"description":`), j.Description)
	b = appendString(append(b, `,"name":`...), j.Name)
	b = appendString(append(b, `,"group":`...), j.Group)
	b = appendNumber(append(b, `,"public_key":`...), j.PublicKey)
	b = appendList(append(b, `,"questions":`...), j.Questions, appendQuestion)
	return append(appendString(append(b, `,"uuid":`...), j.UUID), '}')
}

func (j *electionJSON) check() error {
	switch {
	case j.Version != version:
		return refuse(WrongParameters, "the election is of version %d of the protocol", j.Version)
	case j.Group != groupName:
		return refuse(WrongParameters, "the election is on another group")
	case len(j.Questions) == 0 || len(j.Questions) > mostQuestions:
		return refuse(WrongParameters, "the election has %d questions", len(j.Questions))
	case len(j.UUID) < uuidLength || len(j.UUID) > 64 || strings.Trim(j.UUID, base58) != "":
		return refuse(WrongParameters, "the identifier of the election is not of 14 to 64 base-58 digits")
	}
	for _, q := range j.Questions {
		if err := q.check(); err != nil {
			return err
		}
	}
	return nil
}

// key holds the tables of the public key of an election.
type key struct {
	make  sync.Once
	bases *bases
}

// NewElection returns an election of those trustees, and its raw form. Its public key
// is the product of theirs: y = ∏X.
func NewElection(uuid, name, description string, trustees []Trustee, questions []Question) (*Election, error) {
	if err := checkTrustees(trustees); err != nil {
		return nil, err
	}
	for _, text := range append([]string{name, description}, texts(questions)...) {
		if !utf8.ValidString(text) {
			return nil, refuse(Malformed, "a text is not UTF-8")
		}
	}
	y, err := jointKey(trustees)
	if err != nil {
		return nil, err
	}
	j := &electionJSON{
		Version: version, Description: description, Name: name, Group: groupName,
		PublicKey: y.number(), Questions: questions, UUID: uuid,
	}
	if err := j.check(); err != nil {
		return nil, err
	}
	return ParseElection(j.raw())
}

func texts(questions []Question) (all []string) {
	for _, q := range questions {
		all = append(append(all, q.Question), q.Answers...)
	}
	return all
}

// ParseElection reads an election.json.
func ParseElection(raw []byte) (*Election, error) {
	if err := bounded("an election", raw, mostElectionSize); err != nil {
		return nil, err
	}
	var j electionJSON
	if err := read("the election", raw, &j); err != nil {
		return nil, err
	}
	if err := j.check(); err != nil {
		return nil, err
	}
	if err := canonical("the election", raw, j.raw()); err != nil {
		return nil, err
	}
	if _, err := parseElement(j.PublicKey.String()); err != nil {
		return nil, err
	}
	return &Election{
		UUID: j.UUID, Name: j.Name, Description: j.Description, PublicKey: j.PublicKey,
		Questions: j.Questions, Raw: append([]byte(nil), raw...),
		fingerprint: digest(raw), key: new(key),
	}, nil
}

// Fingerprint is φ, the base64 of the SHA-256 of Raw, without padding.
func (e *Election) Fingerprint() string { return e.fingerprint }

// y returns the tables of the public key; they are made when first needed.
func (e *Election) y() *bases {
	e.key.make.Do(func() {
		var y element
		y.set(&e.PublicKey.Int)
		e.key.bases = newBases(&y)
	})
	return e.key.bases
}
