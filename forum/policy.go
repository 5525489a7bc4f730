package forum

// Role says what an account may do beyond its own threads and messages.
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

// withArticle returns the role's name with its article, as in "yoda is an admin".
func (r Role) withArticle() string {
	if r == Admin {
		return "an " + r.String()
	}
	return "a " + r.String()
}

// ParseRole reads the name of a role. Errors: Invalid.
func ParseRole(s string) (Role, error) {
	for role, name := range roleNames {
		if name == s {
			return Role(role), nil
		}
	}
	return Member, Errorf(Invalid, "%s is not a role; use member, moderator or admin.", Printable(s))
}

func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the role's name.
func (r *Role) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRole(string(b))
	return err
}

// Act is an act that the policy allows or refuses.
type Act uint8

const (
	ReadForum Act = iota
	CreateThreads
	PostMessages
	EditMessages
	DeleteMessages
	RemoveThreads
	RestoreRemoved
	Hide
	SeeHidden
	SeeEdits
	UploadFiles
	RenameFiles
	RemoveFiles
	ManageAccounts
	InvitePeople
	SeeVisits
	ReadAudit
	ReadModlog
	ModerateThreads
	ModeratePeople
	ExceedRates
	SeeReports
	StopServer
	MendStore
)

type reach uint8

const (
	none reach = iota // never
	own               // things that the actor made
	all               // things that have an owner
)

// policy is the only table of who may do what. Where the table says own, only admins may act on
// things that belong to nobody, such as the lobby.
var policy = map[Act][4]reach{
	//               Member Moderator Admin Guest
	ReadForum:       {all, all, all, all},
	CreateThreads:   {all, all, all, none},
	PostMessages:    {all, all, all, all}, // guests only in one thread, see Config
	EditMessages:    {own, own, own, none},
	DeleteMessages:  {own, all, all, none},
	RemoveThreads:   {own, all, all, none},
	RestoreRemoved:  {own, all, all, none},
	Hide:            {none, all, all, none},
	SeeHidden:       {own, all, all, none},
	SeeEdits:        {all, all, all, none},
	UploadFiles:     {all, all, all, none},
	RenameFiles:     {own, own, own, none},
	RemoveFiles:     {own, all, all, none},
	ManageAccounts:  {none, none, all, none},
	InvitePeople:    {all, all, all, none}, // see Config
	SeeVisits:       {none, none, all, none},
	ReadAudit:       {none, all, all, none},
	ReadModlog:      {all, all, all, all},
	ModerateThreads: {none, all, all, none}, // lock, pin, slow down
	ModeratePeople:  {none, all, all, none}, // only people below the actor, see MayModerate
	ExceedRates:     {none, all, all, none}, // see Rates
	SeeReports:      {none, all, all, none}, // and resolve them
	StopServer:      {none, none, all, none},
	MendStore:       {none, none, all, none},
}

// guestColumn is the column of the policy for guests. It is not a role that an account can
// have.
const guestColumn = 3

// May reports whether u may do act to a thing that owner made. For an act without an object,
// owner is u.ID.
func (u User) May(act Act, owner UserID) bool {
	column := int(u.Role)
	switch {
	case u.ID == Guests:
		column = guestColumn
	case column >= len(roleNames):
		return false
	}
	switch policy[act][column] {
	case all:
		return owner != 0 || u.Role == Admin
	case own:
		return owner != 0 && owner == u.ID
	default:
		return false
	}
}

// MayModerate reports, by its error, whether u may act on another person, for example silence
// them. A moderator may act on members, an admin also on moderators, the operator on everyone;
// nobody on themselves or on an equal. Errors: Denied.
func (u User) MayModerate(other User) error {
	switch {
	case !u.May(ModeratePeople, u.ID):
		return ErrNotModerator
	case u.ID == other.ID:
		return Errorf(Denied, "You cannot do this to yourself.")
	case !u.isOperator() && other.Role >= u.Role:
		return Errorf(Denied, "%s is %s, and you can do this only to those below you.", other.Name, other.Role.withArticle())
	}
	return nil
}

var ErrNotModerator = Errorf(Denied, "Only a moderator can do this.")

func (u User) isOperator() bool { return u.ID == 0 && u.Role == Admin }

// Sees reports whether u may see a thing of owner's with the removal r. No other function
// decides who sees hidden things. Numbers, counts, searches and news are the same for everyone:
// they leave hidden things out, as if these were deleted.
func (u User) Sees(owner UserID, r Removal) bool {
	return !r.Done() || r.Hidden && u.May(SeeHidden, owner)
}
