package forum

// Role is what an account may do beyond its own threads and messages.
type Role uint8

const (
	Member Role = iota
	Moderator
	Admin
)

var roleNames = [...]string{Member: "member", Moderator: "moderator", Admin: "admin"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return "unknown"
}

// ParseRole reads the name of a role. Errors are of kind Invalid.
func ParseRole(s string) (Role, error) {
	for role, name := range roleNames {
		if name == s {
			return Role(role), nil
		}
	}
	return Member, Errorf(Invalid, "%s is not a role; use member, moderator or admin.", Printable(s))
}

// MarshalText writes the role's name.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the role's name.
func (r *Role) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRole(string(b))
	return err
}

// Act is something the policy decides on.
type Act uint8

const (
	ReadForum Act = iota
	CreateThreads
	PostMessages
	EditMessages
	DeleteMessages
	RemoveThreads
	RestoreRemoved
	SeeEdits
	UploadFiles
	RenameFiles
	RemoveFiles
	ManageAccounts
	StopServer
)

type reach uint8

const (
	none reach = iota // never
	own               // what the actor made
	all               // whatever members made
)

// policy is the one table of who may do what. What belongs to nobody (such as the
// lobby) is an admin's alone to act on where the table says own.
var policy = map[Act][3]reach{
	//               Member Moderator Admin
	ReadForum:      {all, all, all},
	CreateThreads:  {all, all, all},
	PostMessages:   {all, all, all},
	EditMessages:   {own, own, own},
	DeleteMessages: {own, all, all},
	RemoveThreads:  {own, all, all},
	RestoreRemoved: {own, all, all},
	SeeEdits:       {all, all, all},
	UploadFiles:    {all, all, all},
	RenameFiles:    {own, own, own},
	RemoveFiles:    {own, all, all},
	ManageAccounts: {none, none, all},
	StopServer:     {none, none, all},
}

// May reports whether u may do act to something that owner made. For acts without an
// object owner is u.ID.
func (u User) May(act Act, owner UserID) bool {
	if int(u.Role) >= len(roleNames) {
		return false
	}
	switch policy[act][u.Role] {
	case all:
		return owner != 0 || u.Role == Admin
	case own:
		return owner != 0 && owner == u.ID
	default:
		return false
	}
}
