// Package structure is the sheet of a structure as pages show it and forms ask for
// it: each section is a step of the registration, a page of the structure's space and
// of the team's. The pages are in the packages below: register, examine, space,
// directory, imports.
package structure
