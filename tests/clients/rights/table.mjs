// Who may do what, by dialect: every client event and every REST route, and what comes of it for
// whom. Whatever is refused says so in the dialect's own sentence and changes nothing. Read by:
// everything beside it.
//
// The people:
//   stranger     has no token, only claims to be somebody, or forges one (`STRANGERS`)
//   outsider     verified (in `conversations`, where users are claimed: whoever they say), not in
//   participant  of the room
//   creator      made the room, or said the message
// `t` is the room with one message by its creator, see world.mjs; `me` is the id of whoever asks.

/** It is done. */
export const YES = "yes";

const NO_TOKEN = "Authentication error: Token not provided";
const WRONG_TOKEN = "Authentication error: Invalid token";
const NOT_IN_CHAT = "You are not a participant in this chat";
const notInRoom = (t) => `You are not in room ${t.code}`;
const notDeleted = (t) => `Error ${t.message} deleted`;

/** The words for a stranger: at a door with nothing else behind it, and for an event of theirs. */
export const STRANGERS = {
  rooms: { door: "Unauthorized", forged: "Unauthorized", event: "Unauthorized" },
  coaching: { door: NO_TOKEN, forged: WRONG_TOKEN, event: NO_TOKEN },
  lounge: { door: "E02", forged: "E02", event: "E02" },
  conversations: { door: "userId is required", forged: "userId is required" },
  conversationsProven: { door: "Unauthorized", forged: "Unauthorized" },
};
/** The words for a forged token where several dialects share a door. */
export const FORGED_TOGETHER = WRONG_TOKEN;

/** event: [payload, outsider, participant, creator] */
export const EVENTS = {
  rooms: {
    join_room: [(t) => t.code, YES, YES, YES],
    send_message: [(t) => ({ room: t.code, content: "hello" }), notInRoom, YES, YES],
    leave_room: [(t) => ({ room: t.code }), notInRoom, YES, YES],
    delete_message: [(t) => t.message, notDeleted, notDeleted, YES],
  },
  coaching: {
    "join-chat": [(t) => t.chat, NOT_IN_CHAT, YES, YES],
    typing: [(t) => ({ chatId: t.chat, isTyping: true }), NOT_IN_CHAT, YES, YES],
    "send-message": [(t) => ({ chatId: t.chat, content: "hello" }), NOT_IN_CHAT, YES, YES],
    "leave-chat": [(t) => t.chat, "You have not joined this chat", YES, YES],
  },
  lounge: {
    joinRoom: [(t) => ({ room: t.room }), YES, YES, YES],
    chatMessage: [() => ({ type: "text", text: "hello" }), "E17", YES, YES],
    history: [() => null, "E17", YES, YES],
    leaveRoom: [() => null, "E17", YES, YES],
  },
  conversations: {
    "join-conversation": [
      (t, me) => ({ conversationId: t.conversation, userId: me }),
      "Unauthorized to join this conversation", YES, YES,
    ],
    typing: [
      (t, me) => ({ conversationId: t.conversation, userId: me, isTyping: true }),
      "Unauthorized to access this conversation", YES, YES,
    ],
    "send-message": [
      (t, me) => ({ conversation_id: t.conversation, sender_id: me, content: "hello" }),
      "Unauthorized to send messages to this conversation", YES, YES,
    ],
    // Whoever is out already has what they ask for.
    "leave-conversation": [(t) => ({ conversationId: t.conversation }), YES, YES, YES],
  },
  // Anybody may listen to any chatroom; nobody says anything over a socket.
  chatty: {
    join: [(t) => ({ user_id: t.user, chatroom_id: t.chatroom }), YES, YES, YES],
    leave: [(t) => ({ user_id: t.user, chatroom_id: t.chatroom }), YES, YES, YES],
  },
};

/**
 * What somebody is told who speaks in another's name: [event, payload, words]. `them`: the id of
 * the room's creator.
 */
export const IMPOSTURES = {
  conversations: [
    [
      "join-conversation", (t, them) => ({ conversationId: t.conversation, userId: them }),
      "Unauthorized to join this conversation",
    ],
    [
      "typing", (t, them) => ({ conversationId: t.conversation, userId: them, isTyping: true }),
      "Unauthorized: userId is not the connected user",
    ],
    [
      "send-message",
      (t, them) => ({ conversation_id: t.conversation, sender_id: them, content: "hello" }),
      "Unauthorized: sender_id is not the connected user",
    ],
  ],
};

const UNAUTHORIZED = "401 Unauthorized";
const NO_BEARER = "401 Access denied. No token provided.";
const WRONG_BEARER = "401 Invalid token.";
const NO_CHAT = `403 ${NOT_IN_CHAT}`;
const FOREIGN = "403 Unauthorized to access this conversation";
const NOT_THEIRS = "403 Unauthorized to change this message";
const ONLY_CREATOR = "403 Only the chat creator or an admin can remove participants";
const NOT_THE_CREATOR = "403 Only an admin can remove the chat creator";

/** A chat's routes are refused alike, but for whoever is in. */
const ofChat = (outsider, participant, creator) =>
  [NO_BEARER, WRONG_BEARER, outsider, participant, creator];
const ofMember = (outsider, participant, creator) =>
  [UNAUTHORIZED, UNAUTHORIZED, outsider, participant, creator];

/** [method, path, body, without token, forged token, outsider, participant, creator] */
export const ROUTES = {
  rooms: [
    ["GET", (t) => `/messages?room_code=${t.code}`, null, ...ofMember(200, 200, 200)],
    [
      "POST", () => "/messages", (t) => ({ room_code: t.code, content: "hello" }),
      ...ofMember(201, 201, 201),
    ],
    [
      "DELETE", () => "/messages", (t) => ({ message_id: t.message }),
      ...ofMember(
        "403 Not allowed to delete message", "403 Not allowed to delete message", 200,
      ),
    ],
  ],
  coaching: [
    ["GET", () => "/api/chats", null, ...ofChat(200, 200, 200)],
    ["POST", () => "/api/chats", (t) => ({ participant_ids: t.others }), ...ofChat(201, 201, 201)],
    ["GET", (t) => `/api/chats/${t.chat}`, null, ...ofChat(NO_CHAT, 200, 200)],
    ["GET", (t) => `/api/chats/${t.chat}/messages`, null, ...ofChat(NO_CHAT, 200, 200)],
    [
      "POST", (t) => `/api/chats/${t.chat}/messages`, () => ({ content: "hello" }),
      ...ofChat(NO_CHAT, 201, 201),
    ],
    [
      "POST", (t) => `/api/chats/${t.chat}/participants`, (t) => ({ user_id: t.newcomer }),
      ...ofChat(NO_CHAT, 201, 201),
    ],
    [
      "DELETE", (t) => `/api/chats/${t.chat}/participants/${t.third}`, null,
      ...ofChat(NO_CHAT, ONLY_CREATOR, 200),
    ],
    [
      "DELETE", (t) => `/api/chats/${t.chat}/participants/${t.creator}`, null,
      ...ofChat(NO_CHAT, NOT_THE_CREATOR, NOT_THE_CREATOR),
    ],
    ["POST", (t) => `/api/chats/${t.chat}/leave`, null, ...ofChat(NO_CHAT, 200, 200)],
  ],
  lounge: [
    // A room of a lounge is everybody's: whoever has a token may register it, or give it an end.
    ["POST", () => "/api/rooms", (t) => ({ room: t.room }), "401 E02", "401 E02", 201, 201, 201],
  ],
  // Whoever asks is believed, as documented; but a sender is of the conversation, and an edit that
  // names its sender names the right one.
  conversations: [
    ["GET", (t) => `/api/chats/conversations/${t.conversation}`, null, 200, 200, 200, 200, 200],
    [
      "POST", () => "/api/chats/messages",
      (t, me) => ({ conversation_id: t.conversation, sender_id: me, content: "hello" }),
      FOREIGN, FOREIGN, FOREIGN, 201, 201,
    ],
    [
      "PUT", (t) => `/api/chats/messages/${t.message}`,
      (t, me) => ({ content: "changed", sender_id: me }),
      NOT_THEIRS, NOT_THEIRS, NOT_THEIRS, NOT_THEIRS, 200,
    ],
  ],
  // With --conversations-auth token.
  conversationsProven: [
    [
      "POST", () => "/api/chats/conversations",
      (t, me) => ({ sender_id: me, receiver_id: t.third }), ...ofMember(201, 201, 201),
    ],
    [
      "POST", () => "/api/chats/conversations",
      (t) => ({ sender_id: t.creator, receiver_id: t.third }), ...ofMember(FOREIGN, FOREIGN, 201),
    ],
    [
      "GET", (t) => `/api/chats/conversations/${t.conversation}`, null,
      ...ofMember(FOREIGN, 200, 200),
    ],
    [
      "GET", (t) => `/api/chats/conversations/${t.conversation}/messages`, null,
      ...ofMember(FOREIGN, 200, 200),
    ],
    [
      "GET", (t) => `/api/chats/conversations/between/${t.creator}/${t.participant}`, null,
      ...ofMember(FOREIGN, 200, 200),
    ],
    [
      "GET", (t) => `/api/chats/users/${t.creator}/conversations`, null,
      ...ofMember(FOREIGN, FOREIGN, 200),
    ],
    [
      "POST", () => "/api/chats/messages",
      (t, me) => ({ conversation_id: t.conversation, sender_id: me, content: "hello" }),
      ...ofMember(FOREIGN, 201, 201),
    ],
    [
      "POST", () => "/api/chats/messages",
      (t) => ({ conversation_id: t.conversation, sender_id: t.creator, content: "hello" }),
      ...ofMember(FOREIGN, FOREIGN, 201),
    ],
    ["GET", (t) => `/api/chats/messages/${t.message}`, null, ...ofMember(FOREIGN, 200, 200)],
    [
      "PUT", (t) => `/api/chats/messages/${t.message}`, () => ({ content: "changed" }),
      ...ofMember(FOREIGN, NOT_THEIRS, 200),
    ],
    [
      "DELETE", (t) => `/api/chats/messages/${t.message}`, null,
      ...ofMember(FOREIGN, NOT_THEIRS, 200),
    ],
    [
      "DELETE", (t) => `/api/chats/conversations/${t.conversation}`, null,
      ...ofMember(FOREIGN, 200, 200),
    ],
  ],
  // Open to everybody, as documented: guesses.mjs shows that it reaches its own rooms alone.
  chatty: [
    ["GET", (t) => `/messages/chatroom/${t.chatroom}`, null, 200, null, null, null, null],
    [
      "POST", () => "/messages/",
      (t) => ({ message_text: "hello", user_id: t.user, chatroom_id: t.chatroom, is_reply: false }),
      201, null, null, null, null,
    ],
    ["DELETE", (t) => `/messages/${t.message}`, null, 204, null, null, null, null],
  ],
};

/** What an admin, who is in no chat, may do beyond an outsider. */
export const ADMIN = {
  coaching: [
    ["GET", (t) => `/api/chats/${t.chat}`, NO_CHAT],
    ["GET", (t) => `/api/chats/${t.chat}/messages`, NO_CHAT],
    ["POST", (t) => `/api/chats/${t.chat}/leave`, NO_CHAT],
    ["DELETE", (t) => `/api/chats/${t.chat}/participants/${t.third}`, 200],
    ["DELETE", (t) => `/api/chats/${t.chat}/participants/${t.creator}`, 200],
  ],
};
