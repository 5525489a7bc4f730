package forum

import (
	"maps"
	"slices"
)

// ChangeKinds returns all kinds of changes there are.
func ChangeKinds() []string { return slices.Sorted(maps.Keys(changeKinds)) }
