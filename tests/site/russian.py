"""Russian for what the table of settings says in English alone: keys that no page asks for, keys that the file has in
another form than a field of a page, and defaults in words."""

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
PROGRAM = (
    "полный путь на серверах или имя файла рядом с инвентарём; "
    '`{"run": "/usr/local/bin/up", "user": "www-data"}` — от имени другого пользователя'
)
AS_WRITTEN: Mapping[str, str] = {
    "_sudo": "True: для пользователя, которому можно sudo без пароля",
    "track_interface": 'другие интерфейсы, без которых сервер отдаёт адрес: `["eth2"]`; с весом снижается его '
    'приоритет: `[{"interface": "eth2", "weight": -60}]`',
    "virtual_ipaddress": 'плавающие адреса с длиной префикса, все IPv4 или все IPv6: `["10.9.1.6/24"]`; адрес с '
    "параметрами — словарь (ниже)",
    "virtual_ipaddress_excluded": "другие плавающие адреса, записанные так же, любого семейства: они переключаются "
    "вместе с остальными, но в объявления не входят",
    "notify": f"что сервер запускает при каждой смене состояния: {PROGRAM}",
    "notify_master": "то же при переходе в MASTER",
    "notify_backup": "то же при переходе в BACKUP",
    "notify_fault": "то же при переходе в FAULT",
    "notify_stop": "то же при остановке keepalived",
    "track_file": "имена из `track_files`: вес тот, что указан там, или другой, только для этого экземпляра",
    "virtual_routes": "маршруты, которые есть только у сервера с адресами, как в ip-route(8): "
    '`["10.9.3.0/24 via 10.9.2.9 dev eth2"]`',
    "virtual_rules": "правила, которые есть только у этого сервера, как в ip-rule(8): "
    '`["from 10.9.3.0/24 table 100 priority 1000"]`',
    "authentication": 'где хранится пароль, которого требуют устройства из `foreign`: `"env:ИМЯ"` или '
    '`"file:/полный/путь"`, но не сам пароль',
    "vrrp_sync_group": 'группы экземпляров, которые переключаются вместе: `{"routers": ["VI_1", "VI_2"]}`',
    "track_files": "имя → файл с числом, которое меняет приоритет (ниже): "
    '`{"load": {"file": "/run/load", "weight": -1}}`',
    "firewall": '`"none"`: floatip не трогает файрвол',
    "log_file": "False: ни rsyslog, ни `/var/log/keepalived.log`; журнал systemd есть в любом случае",
    "notification_email": 'кому приходят письма экземпляров с `smtp_alert`: `["admin@example.org"]`',
    "notify_fifo": 'FIFO, в который сервер по порядку записывает все смены состояния: путь, `"/run/keepalived.fifo"`; '
    "keepalived создаёт его сам",
    "notify_fifo_script": f"программа, которая его читает: {PROGRAM}",
    "vrrp_notify_fifo": "такой же только для смен состояния экземпляров",
    "vrrp_notify_fifo_script": "программа, которая читает его",
    "global_lines": "строки для `global_defs`, без проверки",
    "extra_lines": "строки для этого места в keepalived.conf, без проверки",
}
"""In a field of a page a list has commas between its parts; in the file it is a list."""
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
    "by itself": "выбирается сама",
    "its name": "его имя",
    "its address": "его адрес",
    "as `vrrp_garp_master_repeat`": "как `vrrp_garp_master_repeat`",
    "as `vrrp_garp_master_delay`": "как `vrrp_garp_master_delay`",
    "as `garp_master_repeat` of the cluster": "как `vrrp_garp_master_repeat`",
}
