/** The shortcodes people and bots use most, with their characters. Not all of Slack's list by far. */
const listed = `
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 raised_hand ✋ raising_hand 🙋 wave 👋 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪 point_right 👉
point_left 👈 point_up ☝️ point_down 👇 handshake 🤝 v ✌️ crossed_fingers 🤞 eyes 👀 brain 🧠 heart ❤️ broken_heart 💔
green_heart 💚 blue_heart 💙 yellow_heart 💛 purple_heart 💜 100 💯 fire 🔥 sparkles ✨ star ⭐ star2 🌟 tada 🎉
confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 first_place_medal 🥇 rocket 🚀 ship 🚢 boat ⛵ sailboat ⛵ anchor ⚓
airplane ✈️ car 🚗 truck 🚚 train 🚆 construction 🚧 rotating_light 🚨 traffic_light 🚦 vertical_traffic_light 🚦
octagonal_sign 🛑 no_entry ⛔ no_entry_sign 🚫 warning ⚠️ zap ⚡ boom 💥 bomb 💣 collision 💥
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_plus_sign ➕
heavy_minus_sign ➖ question ❓ grey_question ❔ exclamation ❗ grey_exclamation ❕ bangbang ‼️ interrobang ⁉️
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_brown_circle 🟤 red_square 🟥 large_red_square 🟥
large_orange_square 🟧 large_yellow_square 🟨 large_green_square 🟩 large_blue_square 🟦 large_purple_square 🟪
white_large_square ⬜ black_large_square ⬛ black_square_button 🔲 white_square_button 🔳 radio_button 🔘
small_red_triangle 🔺 small_red_triangle_down 🔻 small_blue_diamond 🔹 small_orange_diamond 🔸 large_blue_diamond 🔷
arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrow_right_hook ↪️
leftwards_arrow_with_hook ↩️ arrows_counterclockwise 🔄 repeat 🔁 rewind ⏪ fast_forward ⏩ back 🔙 soon 🔜 top 🔝
arrow_forward ▶️ arrow_backward ◀️ black_right_pointing_triangle ▶️ double_vertical_bar ⏸️ pause_button ⏸️
black_square_for_stop ⏹️ stop_button ⏹️ black_circle_for_record ⏺️ track_next ⏭️ next_track_button ⏭️
hourglass ⌛ hourglass_flowing_sand ⏳ watch ⌚ alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock3 🕒 clock9 🕘
calendar 📆 date 📅 spiral_calendar_pad 🗓️ snowflake ❄️ ice_cube 🧊 thermometer 🌡️
lock 🔒 unlock 🔓 key 🔑 closed_lock_with_key 🔐 lock_with_ink_pen 🔏 shield 🛡️ bell 🔔 no_bell 🔕 loudspeaker 📢 mega 📣
mag 🔍 mag_right 🔎 microscope 🔬 telescope 🔭 satellite 🛰️ satellite_antenna 📡 stethoscope 🩺 ambulance 🚑
adhesive_bandage 🩹 pill 💊 syringe 💉 heartpulse 💗 green_apple 🍏 apple 🍎 coffee ☕ beer 🍺 beers 🍻 pizza 🍕 cake 🍰
package 📦 memo 📝 pencil 📝 pencil2 ✏️ clipboard 📋 page_facing_up 📄 page_with_curl 📃 bookmark_tabs 📑 scroll 📜
newspaper 📰 book 📖 books 📚 bookmark 🔖 label 🏷️ link 🔗 paperclip 📎 pushpin 📌 round_pushpin 📍 scissors ✂️
file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ card_file_box 🗃️ inbox_tray 📥 outbox_tray 📤 email 📧
envelope ✉️ wastebasket 🗑️ bar_chart 📊 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 chart 💹
computer 💻 desktop_computer 🖥️ keyboard ⌨️ floppy_disk 💾 cd 💿 battery 🔋 electric_plug 🔌 bulb 💡 flashlight 🔦
wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ nut_and_bolt 🔩 gear ⚙️ toolbox 🧰 magnet 🧲 test_tube 🧪 abacus 🧮 ladder 🪜
broom 🧹 bug 🐛 ant 🐜 beetle 🪲 lady_beetle 🐞 snail 🐌 turtle 🐢 rabbit 🐰 tiger 🐯 dog 🐶 cat 🐱 penguin 🐧 bird 🐦 whale 🐳
octopus 🐙 unicorn_face 🦄 dragon 🐉 seedling 🌱 evergreen_tree 🌲 herb 🌿 four_leaf_clover 🍀 rose 🌹 sunny ☀️
partly_sunny ⛅ cloud ☁️ rain_cloud 🌧️ thunder_cloud_and_rain ⛈️ umbrella ☔ rainbow 🌈 ocean 🌊 earth_africa 🌍
earth_americas 🌎 earth_asia 🌏 globe_with_meridians 🌐 world_map 🗺️ compass 🧭 house 🏠 office 🏢 factory 🏭 hospital 🏥
checkered_flag 🏁 triangular_flag_on_post 🚩 white_flag 🏳️ crossed_flags 🎌 dart 🎯 game_die 🎲 jigsaw 🧩 art 🎨
robot_face 🤖 ghost 👻 skull 💀 alien 👽 wizard 🧙 detective 🕵️ technologist 🧑‍💻 construction_worker 👷 cop 👮
bust_in_silhouette 👤 busts_in_silhouette 👥 speech_balloon 💬 thought_balloon 💭 zzz 💤 dash 💨 sweat_drops 💦
smile 😄 smiley 😃 grinning 😀 grin 😁 slightly_smiling_face 🙂 wink 😉 blush 😊 sunglasses 😎 joy 😂 sweat_smile 😅
laughing 😆 thinking_face 🤔 neutral_face 😐 expressionless 😑 confused 😕 worried 😟 cry 😢 sob 😭 scream 😱 rage 😡
angry 😠 sleeping 😴 relieved 😌 heart_eyes 😍 star-struck 🤩 partying_face 🥳 nerd_face 🤓 exploding_head 🤯
face_with_rolling_eyes 🙄 zipper_mouth_face 🤐 grimacing 😬 upside_down_face 🙃 see_no_evil 🙈 shrug 🤷 facepalm 🤦
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ information_source ℹ️ recycle ♻️ copyright ©️ tm ™️ new 🆕 ok 🆗 sos 🆘 vs 🆚 up 🆙
cool 🆒 free 🆓 abc 🔤 1234 🔢 infinity ♾️ moneybag 💰 money_with_wings 💸 dollar 💵 credit_card 💳 gem 💎 scales ⚖️
shopping_trolley 🛒 shopping_bags 🛍️ door 🚪 bricks 🧱 dna 🧬 parachute 🪂 boomerang 🪃 crystal_ball 🔮 fast_parrot 🦜
`;

const pairs = listed.trim().split(/\s+/);
const byName = new Map<string, string>();
const byCharacter = new Map<string, string>();
for (let i = 0; i + 1 < pairs.length; i += 2) {
  const [name, character] = [pairs[i] ?? '', pairs[i + 1] ?? ''];
  byName.set(name, character);
  if (!byCharacter.has(bare(character))) byCharacter.set(bare(character), name);
}

/** Without the selector that only asks for the colourful form. */
function bare(character: string): string {
  return character.replace(/\uFE0F/g, '');
}

/** The character of a shortcode (without colons), or undefined. */
export function emojiFor(name: string): string | undefined {
  return byName.get(name);
}

/** The shortcode of a character, or undefined. */
export function emojiName(character: string): string | undefined {
  return byCharacter.get(bare(character));
}

/** Names that contain what was typed, those that begin with it first. */
export function findEmoji(typed: string, limit: number): readonly { name: string; character: string }[] {
  const names = [...byName.keys()].filter((name) => name.includes(typed));
  names.sort((a, b) => Number(b.startsWith(typed)) - Number(a.startsWith(typed)) || a.localeCompare(b));
  return names.slice(0, limit).map((name) => ({ name, character: byName.get(name) ?? '' }));
}

/** Single emoji characters in running text. Deliberately skips digits and letters that could be emoji. */
export const emojiPattern =
  /\p{Emoji_Presentation}\uFE0F?|\p{Extended_Pictographic}\uFE0F|[\u26A0\u23F1\u23F8\u23F9]/gu;
