"""Russian for what the table of settings says in English alone: keys that no page asks for, and defaults in words."""

from __future__ import annotations

from collections.abc import Mapping

KEYS: Mapping[str, str] = {
    "nopreempt": "True: лучший сервер, вернувшись, не забирает адрес обратно",
    "foreign": "имя → устройство, которым floatip не управляет и которое делит с серверами VRID и адреса",
    "track_script": "имена проверок; у каждой её собственный вес или другой, только для этого экземпляра",
    "address": 'с длиной префикса: `"10.9.1.6/24"`',
    "extra_lines": "строки для этого блока keepalived.conf, без проверки",
    "file": 'путь на серверах, `"/run/load"`; каталог должен существовать при запуске keepalived',
    "weight": "на что умножается число в файле, прежде чем прибавить его к приоритету. "
    "0: при любом числе, кроме 0, сервер отдаёт адрес; при произведении −254 и меньше — тоже",
    "init_file": "число, которое keepalived запишет в файл при запуске, если файла нет. floatip этот файл не трогает",
    "client": "как войти на машину, которая наблюдает за проверкой переключения (`ssh_hostname`, `ssh_user`, …); "
    "без неё наблюдает этот компьютер",
    "ssh_key": "файл ключа, полный путь (`~/.ssh/…`). Паролей нет: только ключи или агент",
    "ssh_known_hosts_file": "файл с известными ключами серверов, полный путь",
    "ssh_config_file": "настройки SSH, полный путь",
    "ssh_strict_host_key_checking": '`"yes"`: ключ сервера должен быть известен; `"accept-new"`: первый принимается',
}
DEFAULTS: Mapping[str, str] = {
    "any": "любой",
    "none": "нет",
    "the URL's": "из URL",
    "30 seconds": "30 секунд",
    "the usual ones": "как обычно",
    "the usual one": "как обычно",
    "the instance's `interface`": "`interface` экземпляра",
    "Debian's CAs": "центры сертификации Debian",
    "the server's own name": "имя сервера",
    "keepalived@*the server*": "keepalived@*сервер*",
    "you": "вы",
    "by itself": "сама",
    "its name": "его имя",
    "its address": "его адрес",
    "as `vrrp_garp_master_repeat`": "как `vrrp_garp_master_repeat`",
    "as `vrrp_garp_master_delay`": "как `vrrp_garp_master_delay`",
    "as `garp_master_repeat` of the cluster": "как `vrrp_garp_master_repeat`",
}
