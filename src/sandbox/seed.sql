-- seed.sql - believable data for the sandbox's database: the same rows on every start (all "random"
-- choices come from a hash), dated back from now. goodgo.scale multiplies all that grows with use.

SET client_min_messages = warning;

-- Each is one expression that the planner can put in the place of its call, a quarter million of them. So `n::text`: what
-- joins a text with a number by itself is only stable, and a function that promises more than it holds is called instead.
CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT 'c' || substr(md5(kind || n::text), 1, 24) $$;
CREATE FUNCTION pg_temp.pick(kind text, n bigint, upto bigint) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ((hashtextextended(kind || n::text, 0) & 9223372036854775807) % upto)::int $$;
CREATE FUNCTION pg_temp.one(kind text, n bigint, choices text[]) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT choices[1 + ((hashtextextended(kind || n::text, 0) & 9223372036854775807)
                       % array_length(choices, 1))::int] $$;
CREATE FUNCTION pg_temp.ago(kind text, n bigint, upto_s bigint) RETURNS timestamp LANGUAGE sql STABLE AS
$$ SELECT (now() AT TIME ZONE 'UTC')::timestamp(0)
          - make_interval(secs => pg_temp.pick(kind, n, upto_s) + 60) $$;
-- What has happened was not after now: whoever follows "updatedAt" would miss all that comes before it.
CREATE FUNCTION pg_temp.by_now(t timestamp) RETURNS timestamp LANGUAGE sql STABLE AS
$$ SELECT least(t, (now() AT TIME ZONE 'UTC')::timestamp(0)) $$;
CREATE FUNCTION pg_temp.person(kind text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT pg_temp.one(kind || 'h', n, ARRAY['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Huỳnh', 'Phan',
     'Vũ', 'Võ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ', 'Ngô', 'Dương', 'Lý', 'Đinh', 'Trịnh'])
   || ' ' || pg_temp.one(kind || 'l', n, ARRAY['Thị', 'Văn', 'Minh', 'Ngọc', 'Quốc', 'Thanh', 'Hữu',
     'Đức', 'Bảo', 'Kim', 'Hoài', 'Gia', 'Anh', 'Xuân'])
   || ' ' || pg_temp.one(kind || 't', n, ARRAY['An', 'Bình', 'Châu', 'Dũng', 'Giang', 'Hạnh', 'Hiếu',
     'Hương', 'Khánh', 'Lan', 'Linh', 'Long', 'Mai', 'Nam', 'Nga', 'Phúc', 'Phương', 'Quân', 'Quỳnh',
     'Sơn', 'Tâm', 'Thảo', 'Thủy', 'Trang', 'Tuấn', 'Tùng', 'Uyên', 'Vinh', 'Yến', 'Đạt']) $$;

CREATE TEMP TABLE size AS SELECT current_setting('goodgo.scale')::bigint AS k;

-- Districts with the position of their centre and a price level (million VND per m2).
CREATE TEMP TABLE place (n int, city text, district text, ward text, lat float8, lon float8,
                         level float8);
INSERT INTO place
SELECT row_number() OVER () - 1, v.*
FROM (VALUES
    ('Hồ Chí Minh', 'Quận 1', 'Phường Bến Nghé', 10.7757, 106.7004, 180),
    ('Hồ Chí Minh', 'Quận 2', 'Phường Thảo Điền', 10.8030, 106.7370, 95),
    ('Hồ Chí Minh', 'Quận 3', 'Phường Võ Thị Sáu', 10.7844, 106.6844, 150),
    ('Hồ Chí Minh', 'Quận 4', 'Phường 13', 10.7578, 106.7013, 85),
    ('Hồ Chí Minh', 'Quận 5', 'Phường 11', 10.7540, 106.6634, 110),
    ('Hồ Chí Minh', 'Quận 7', 'Phường Tân Phong', 10.7340, 106.7218, 80),
    ('Hồ Chí Minh', 'Quận 8', 'Phường 4', 10.7241, 106.6286, 50),
    ('Hồ Chí Minh', 'Quận 10', 'Phường 12', 10.7746, 106.6679, 115),
    ('Hồ Chí Minh', 'Quận 12', 'Phường Hiệp Thành', 10.8672, 106.6413, 40),
    ('Hồ Chí Minh', 'Bình Thạnh', 'Phường 22', 10.8106, 106.7091, 90),
    ('Hồ Chí Minh', 'Phú Nhuận', 'Phường 9', 10.7992, 106.6803, 120),
    ('Hồ Chí Minh', 'Tân Bình', 'Phường 2', 10.8015, 106.6526, 85),
    ('Hồ Chí Minh', 'Gò Vấp', 'Phường 10', 10.8387, 106.6653, 65),
    ('Hồ Chí Minh', 'Thủ Đức', 'Phường Linh Trung', 10.8494, 106.7537, 55),
    ('Hồ Chí Minh', 'Nhà Bè', 'Xã Phước Kiển', 10.6950, 106.7040, 42),
    ('Hồ Chí Minh', 'Bình Chánh', 'Xã Bình Hưng', 10.7290, 106.6680, 38),
    ('Hà Nội', 'Ba Đình', 'Phường Ngọc Hà', 21.0345, 105.8140, 160),
    ('Hà Nội', 'Hoàn Kiếm', 'Phường Hàng Bạc', 21.0288, 105.8525, 220),
    ('Hà Nội', 'Tây Hồ', 'Phường Quảng An', 21.0702, 105.8230, 130),
    ('Hà Nội', 'Cầu Giấy', 'Phường Dịch Vọng Hậu', 21.0362, 105.7906, 95),
    ('Hà Nội', 'Đống Đa', 'Phường Láng Hạ', 21.0180, 105.8295, 115),
    ('Hà Nội', 'Hai Bà Trưng', 'Phường Bách Khoa', 21.0058, 105.8570, 90),
    ('Hà Nội', 'Thanh Xuân', 'Phường Nhân Chính', 20.9937, 105.8100, 75),
    ('Hà Nội', 'Nam Từ Liêm', 'Phường Mỹ Đình 1', 21.0128, 105.7609, 68),
    ('Hà Nội', 'Bắc Từ Liêm', 'Phường Xuân Đỉnh', 21.0700, 105.7700, 60),
    ('Hà Nội', 'Hoàng Mai', 'Phường Định Công', 20.9740, 105.8630, 58),
    ('Hà Nội', 'Long Biên', 'Phường Phúc Lợi', 21.0480, 105.8880, 55),
    ('Hà Nội', 'Hà Đông', 'Phường Văn Quán', 20.9710, 105.7780, 50),
    ('Đà Nẵng', 'Hải Châu', 'Phường Thạch Thang', 16.0600, 108.2200, 70),
    ('Đà Nẵng', 'Thanh Khê', 'Phường Vĩnh Trung', 16.0640, 108.1900, 52),
    ('Đà Nẵng', 'Sơn Trà', 'Phường Phước Mỹ', 16.0800, 108.2400, 62),
    ('Đà Nẵng', 'Ngũ Hành Sơn', 'Phường Mỹ An', 16.0300, 108.2500, 58),
    ('Đà Nẵng', 'Liên Chiểu', 'Phường Hòa Khánh Bắc', 16.0750, 108.1500, 32),
    ('Đà Nẵng', 'Cẩm Lệ', 'Phường Hòa Xuân', 16.0150, 108.2100, 38)
) AS v(city, district, ward, lat, lon, level);

-- people
INSERT INTO "User"
SELECT pg_temp.id('user', i), 'nguoidung' || i || '@example.vn', '+849' || lpad(i::text, 8, '0'),
       '$2b$12$' || substr(md5('pw' || i) || md5('px' || i), 1, 53), pg_temp.person('u', i),
       CASE WHEN i % 3 = 0 THEN 'https://media.goodgo.vn/avatars/' || i || '.jpg' END,
       (CASE WHEN i <= 5 THEN 'ADMIN' WHEN i % 10 = 0 THEN 'AGENT' WHEN i % 3 = 0 THEN 'SELLER'
             ELSE 'BUYER' END)::"UserRole",
       (ARRAY['NONE', 'PENDING', 'VERIFIED', 'VERIFIED', 'VERIFIED', 'REJECTED'])
           [1 + pg_temp.pick('kyc', i, 6)]::"KYCStatus",
       CASE WHEN i % 4 = 0 THEN jsonb_build_object('v', 1, 'iv', substr(md5('iv' || i), 1, 24),
            'tag', md5('tag' || i), 'ct', md5('ct' || i)) END,
       i % 50 <> 0, t, pg_temp.by_now(t + interval '1 hour')
FROM size, generate_series(1, 1200 * k) i, LATERAL (SELECT pg_temp.ago('user', i, 63072000) AS t) d;

INSERT INTO "RefreshToken"
SELECT pg_temp.id('token', i), pg_temp.id('user', 1 + pg_temp.pick('token', i, 1200 * k)),
       md5('rt' || i) || md5('ru' || i), pg_temp.id('family', i / 3), i % 3 <> 0,
       t + interval '7 days', t
FROM size, generate_series(1, 900 * k) i, LATERAL (SELECT pg_temp.ago('token', i, 604800) AS t) d;

INSERT INTO "OAuthAccount"
SELECT pg_temp.id('oauth', i), pg_temp.id('user', i * 4),
       (ARRAY['GOOGLE', 'ZALO'])[1 + i % 2]::"OAuthProvider", '1' || lpad((i * 7919)::text, 20, '0'),
       'nguoidung' || i * 4 || '@example.vn', pg_temp.ago('oauth', i, 31536000)
FROM size, generate_series(1, 250 * k) i;

INSERT INTO "Agent"
SELECT pg_temp.id('agent', i), pg_temp.id('user', i * 10), 'CCHN-' || lpad(i::text, 6, '0'),
       pg_temp.one('agency', i, ARRAY['Công ty Đất Xanh', 'Sàn Nhà Đẹp Sài Gòn', 'Địa ốc Hưng Thịnh',
           'BĐS Sông Hàn', 'Thủ Đô Land', 'An Cư Việt']),
       'Chuyên viên tư vấn với ' || 1 + pg_temp.pick('years', i, 15) || ' năm kinh nghiệm.',
       (50 + pg_temp.pick('quality', i, 500) / 10.0)::float8, pg_temp.pick('deals', i, 120),
       5 + pg_temp.pick('answer', i, 240), jsonb_build_array(p.district), i % 4 <> 0, t, t
FROM size, generate_series(1, 120 * k) i
JOIN place p ON p.n = pg_temp.pick('area', i, 34),
     LATERAL (SELECT pg_temp.ago('agent', i, 47304000) AS t) d;

-- property: what is sold; listing: the offer
CREATE TEMP TABLE home AS
SELECT i, p.*, pg_temp.one('type', i, ARRAY['APARTMENT', 'APARTMENT', 'APARTMENT', 'HOUSE', 'HOUSE',
           'VILLA', 'TOWNHOUSE', 'LAND', 'OFFICE', 'SHOPHOUSE']) AS kind,
       (30 + pg_temp.pick('area', i, 2200) / 10.0)::float8 AS area, pg_temp.pick('bed', i, 5) AS bed,
       pg_temp.ago('home', i, 31536000) AS t,
       pg_temp.one('street', i, ARRAY['Nguyễn Huệ', 'Lê Lợi', 'Trần Hưng Đạo', 'Điện Biên Phủ',
           'Nguyễn Văn Linh', 'Phạm Văn Đồng', 'Võ Văn Kiệt', 'Hai Bà Trưng', 'Lý Thường Kiệt',
           'Nguyễn Trãi', 'Xô Viết Nghệ Tĩnh', 'Hoàng Diệu', 'Bạch Đằng', 'Cách Mạng Tháng Tám'])
           AS street
FROM size, generate_series(1, 5000 * k) i
JOIN place p ON p.n = pg_temp.pick('place', i, 34);

INSERT INTO "Property"
SELECT pg_temp.id('property', i), kind::"PropertyType",
       CASE kind WHEN 'APARTMENT' THEN 'Căn hộ ' || bed + 1 || ' phòng ngủ'
                 WHEN 'HOUSE' THEN 'Nhà riêng ' || 1 + i % 5 || ' tầng'
                 WHEN 'VILLA' THEN 'Biệt thự sân vườn' WHEN 'TOWNHOUSE' THEN 'Nhà phố liền kề'
                 WHEN 'LAND' THEN 'Đất nền thổ cư' WHEN 'OFFICE' THEN 'Văn phòng hạng B'
                 ELSE 'Shophouse mặt tiền' END
       || ' đường ' || street || ', ' || district,
       'Diện tích ' || round(area::numeric, 1) || ' m², ' || pg_temp.one('note', i, ARRAY[
           'gần trường học và bệnh viện, hẻm xe hơi.', 'view sông thoáng mát, nội thất đầy đủ.',
           'sổ hồng riêng, hỗ trợ vay ngân hàng 70%.', 'khu dân cư yên tĩnh, an ninh 24/7.',
           'cách trung tâm 10 phút, tiện kinh doanh.', 'chủ nhà cần bán gấp, giá còn thương lượng.']),
       1 + pg_temp.pick('number', i, 400) || ' ' || street, ward, district, city,
       ST_SetSRID(ST_MakePoint(lon + (pg_temp.pick('lon', i, 2000) - 1000) / 100000.0,
                               lat + (pg_temp.pick('lat', i, 2000) - 1000) / 100000.0), 4326),
       area, CASE WHEN kind NOT IN ('LAND', 'OFFICE') THEN bed + 1 END,
       CASE WHEN kind <> 'LAND' THEN 1 + bed / 2 END, CASE WHEN kind <> 'LAND' THEN 1 + i % 5 END,
       (ARRAY['NORTH', 'SOUTH', 'EAST', 'WEST', 'NORTHEAST', 'NORTHWEST', 'SOUTHEAST',
              'SOUTHWEST', NULL])[1 + pg_temp.pick('dir', i, 9)]::"Direction",
       CASE WHEN kind <> 'LAND' THEN 1995 + pg_temp.pick('year', i, 30) END,
       pg_temp.one('legal', i, ARRAY['Sổ hồng', 'Sổ đỏ', 'Hợp đồng mua bán']),
       (ARRAY['Hồ bơi', 'Phòng gym', 'Chỗ đậu xe', 'Bảo vệ 24/7', 'Ban công', 'Thang máy',
              'Sân vườn', 'Máy lạnh'])[1 + i % 4 : 2 + i % 7],
       CASE WHEN kind = 'APARTMENT' THEN pg_temp.one('project', i, ARRAY['Vinhomes Central Park',
           'Masteri Thảo Điền', 'The Sun Avenue', 'Times City', 'Sunrise City', 'Mỹ Đình Pearl',
           'Hòa Xuân Riverside', 'Sala Đại Quang Minh']) END,
       t, t
FROM home;

INSERT INTO "PropertyMedia"
SELECT pg_temp.id('media', i * 2 + m), pg_temp.id('property', i),
       'https://media.goodgo.vn/properties/' || i || '/' || m || '.jpg', 'image', m,
       CASE m WHEN 0 THEN 'Mặt tiền' ELSE 'Phòng khách' END,
       CASE WHEN i % 3 = 0 THEN '["living_room", "bright"]'::jsonb END, t
FROM home, generate_series(0, 1) m WHERE m = 0 OR i % 2 = 0;

INSERT INTO "Listing"
SELECT pg_temp.id('listing', i), pg_temp.id('property', i),
       CASE WHEN i % 3 <> 0 THEN pg_temp.id('agent', 1 + pg_temp.pick('la', i, 120 * k)) END,
       pg_temp.id('user', 1 + pg_temp.pick('ls', i, 1200 * k)),
       deal::"TransactionType", status::"ListingStatus", price, price / area,
       CASE WHEN deal = 'SALE' THEN 1 + pg_temp.pick('com', i, 20) / 10.0 ELSE 50 END,
       CASE WHEN i % 2 = 0 THEN (price * (0.9 + pg_temp.pick('ai', i, 20) / 100.0))::bigint END,
       CASE WHEN i % 2 = 0 THEN 0.6 + pg_temp.pick('conf', i, 40) / 100.0 END,
       pg_temp.pick('mod', i, 100) / 100.0,
       CASE status WHEN 'REJECTED' THEN 'Hình ảnh trùng lặp với tin khác' END,
       pg_temp.pick('views', i, 4000), pg_temp.pick('saves', i, 90),
       CASE WHEN i % 25 = 0 THEN t + interval '400 days' END,
       t + interval '90 days' + (CASE WHEN status = 'ACTIVE' THEN interval '330 days'
                                      ELSE interval '0' END),
       CASE WHEN status NOT IN ('DRAFT', 'PENDING_REVIEW', 'REJECTED')
            THEN pg_temp.by_now(t + interval '1 day') END,
       t, pg_temp.by_now(t + interval '1 day')
FROM (SELECT home.*, k,
             CASE WHEN pg_temp.pick('deal', i, 4) = 0 THEN 'RENT' ELSE 'SALE' END AS deal,
             CASE WHEN pg_temp.pick('st', i, 100) < 62 THEN 'ACTIVE'
                  ELSE pg_temp.one('st2', i, ARRAY['DRAFT', 'PENDING_REVIEW', 'RESERVED',
                           CASE WHEN pg_temp.pick('deal', i, 4) = 0 THEN 'RENTED' ELSE 'SOLD' END,
                           CASE WHEN pg_temp.pick('deal', i, 4) = 0 THEN 'RENTED' ELSE 'SOLD' END,
                           'EXPIRED', 'EXPIRED', 'REJECTED']) END AS status,
             (level * area * (80 + pg_temp.pick('price', i, 50)) * 10
              / CASE WHEN pg_temp.pick('deal', i, 4) = 0 THEN 300 ELSE 1 END)::bigint
              * 1000 AS price
      FROM home, size) h;

INSERT INTO "SavedSearch"
SELECT pg_temp.id('search', i), pg_temp.id('user', 1 + pg_temp.pick('ss', i, 1200 * k)),
       'Căn hộ ' || p.district, jsonb_build_object('district', p.district, 'city', p.city,
           'priceMax', (2 + i % 9) * 1000000000), i % 3 <> 0,
       CASE WHEN i % 3 = 1 THEN pg_temp.by_now(t + interval '1 hour') END, t, t
FROM size, generate_series(1, 600 * k) i JOIN place p ON p.n = i % 34,
     LATERAL (SELECT pg_temp.ago('ss', i, 15552000) AS t) d;

-- transactions
INSERT INTO "Transaction"
SELECT pg_temp.id('transaction', i), pg_temp.id('listing', l),
       pg_temp.id('user', 1 + pg_temp.pick('buyer', i, 1200 * k)), stage::"TransactionStatus",
       CASE WHEN stage IN ('DEPOSIT', 'CONTRACT', 'COMPLETED') THEN q."priceVND" END,
       CASE WHEN stage IN ('DEPOSIT', 'CONTRACT', 'COMPLETED') THEN q."priceVND" / 10 END,
       CASE WHEN stage = 'COMPLETED' THEN q."priceVND" / 50 END,
       CASE WHEN stage IN ('CONTRACT', 'COMPLETED')
            THEN 'https://media.goodgo.vn/contracts/' || i || '.pdf' END,
       NULL, CASE WHEN stage = 'COMPLETED' THEN pg_temp.by_now(t + interval '20 days') END, t, t
FROM (SELECT i, k, 1 + pg_temp.pick('tl', i, 5000 * k) AS l, pg_temp.ago('tx', i, 15552000) AS t,
             pg_temp.one('ts', i, ARRAY['INQUIRY', 'VIEWING', 'OFFER', 'DEPOSIT', 'CONTRACT',
                 'COMPLETED', 'COMPLETED', 'CANCELLED']) AS stage
      FROM size, generate_series(1, 800 * k) i) x
JOIN "Listing" q ON q."id" = pg_temp.id('listing', l);

INSERT INTO "Inquiry"
SELECT pg_temp.id('inquiry', i), pg_temp.id('listing', 1 + pg_temp.pick('il', i, 5000 * k)),
       pg_temp.id('user', 1 + pg_temp.pick('iu', i, 1200 * k)),
       pg_temp.one('im', i, ARRAY['Nhà còn không anh chị?', 'Cho tôi xem nhà cuối tuần này được không?',
           'Giá còn bớt được không ạ?', 'Vui lòng gửi thêm hình và sổ.']),
       '+849' || lpad(pg_temp.pick('ip', i, 99999999)::text, 8, '0'), i % 3 <> 0,
       pg_temp.ago('in', i, 7776000)
FROM size, generate_series(1, 2500 * k) i;

INSERT INTO "Lead"
SELECT pg_temp.id('lead', i), pg_temp.id('agent', 1 + pg_temp.pick('lead', i, 120 * k)),
       pg_temp.person('lead', i), '+848' || lpad(i::text, 8, '0'), 'khach' || i || '@example.vn',
       pg_temp.one('src', i, ARRAY['website', 'zalo', 'facebook', 'gioi_thieu']),
       pg_temp.pick('score', i, 100),
       (ARRAY['NEW', 'CONTACTED', 'QUALIFIED', 'NEGOTIATING', 'CONVERTED', 'LOST'])
           [1 + pg_temp.pick('lst', i, 6)]::"LeadStatus", NULL, t, t
FROM size, generate_series(1, 900 * k) i, LATERAL (SELECT pg_temp.ago('lt', i, 7776000) AS t) d;

-- payments: mostly settled; every 60th of the open ones has been stuck for hours or days
INSERT INTO "Payment"
SELECT pg_temp.id('payment', i), pg_temp.id('user', 1 + pg_temp.pick('pu', i, 1200 * k)),
       CASE WHEN type = 'DEPOSIT'
            THEN pg_temp.id('transaction', 1 + pg_temp.pick('pt', i, 800 * k)) END,
       provider::"PaymentProvider", type::"PaymentType", amount, status::"PaymentStatus",
       CASE WHEN tx IS NOT NULL AND (status NOT IN ('PENDING', 'PROCESSING') OR i % 4 = 0) THEN tx END,
       CASE WHEN provider = 'BANK_TRANSFER' OR (status IN ('PENDING', 'PROCESSING')) THEN NULL
            WHEN provider = 'VNPAY' THEN jsonb_build_object('vnp_TxnRef', pg_temp.id('payment', i),
                 'vnp_Amount', (amount * 100)::text, 'vnp_TransactionNo', tx,
                 'vnp_ResponseCode', CASE status WHEN 'FAILED' THEN '24' ELSE '00' END,
                 'vnp_BankCode', 'NCB')
            WHEN provider = 'MOMO' THEN jsonb_build_object('orderId', pg_temp.id('payment', i),
                 'amount', amount::text, 'transId', tx,
                 'resultCode', CASE status WHEN 'FAILED' THEN '1006' ELSE '0' END)
            ELSE jsonb_build_object('app_trans_id', to_char(t, 'YYMMDD') || '_'
                 || pg_temp.id('payment', i), 'amount', amount::text, 'zp_trans_id', tx) END,
       CASE WHEN i % 9 <> 0 THEN md5('key' || i)::uuid::text END, t,
       CASE WHEN status IN ('PENDING', 'PROCESSING') THEN t ELSE pg_temp.by_now(t + interval '95 seconds') END
FROM (SELECT i, k, provider, type,
             CASE type WHEN 'SUBSCRIPTION' THEN 499000 WHEN 'LISTING_FEE' THEN 55000
                       WHEN 'FEATURED_LISTING' THEN 220000
                       ELSE (10 + pg_temp.pick('am', i, 90)) * 1000000 END::bigint AS amount,
             CASE WHEN i % 60 = 7 THEN 'PENDING' WHEN i % 60 = 31 THEN 'PROCESSING'
                  WHEN pg_temp.pick('ps', i, 100) < 82 THEN 'COMPLETED'
                  WHEN pg_temp.pick('ps', i, 100) < 96 THEN 'FAILED' ELSE 'REFUNDED' END AS status,
             CASE WHEN i % 60 IN (7, 31) THEN pg_temp.ago('stuck', i, 259200) - interval '20 minutes'
                  ELSE pg_temp.ago('pay', i, 15552000) END AS t,
             CASE provider WHEN 'VNPAY' THEN (14000000 + i)::text
                           WHEN 'MOMO' THEN (4088000000 + i)::text
                           WHEN 'ZALOPAY' THEN to_char(now(), 'YYMMDD') || lpad(i::text, 9, '0')
                           END AS tx
      FROM size, generate_series(1, 1500 * k) i,
           LATERAL (SELECT pg_temp.one('pp', i, ARRAY['VNPAY', 'VNPAY', 'VNPAY', 'MOMO', 'MOMO',
                        'ZALOPAY', 'ZALOPAY', 'BANK_TRANSFER']) AS provider,
                        pg_temp.one('py', i, ARRAY['SUBSCRIPTION', 'LISTING_FEE', 'DEPOSIT',
                        'FEATURED_LISTING']) AS type) v) x;

-- This morning's, one of each kind: what our row waits for, what the provider's callback said, and what the provider's
-- gateway says when it is asked.
CREATE TEMP TABLE morning AS
SELECT row_number() OVER () AS n, v.*
FROM (VALUES -- provider, type, status, minutes ago, amount, in the callback, its code (NULL: none came), forged, gateway, amount there
    ('VNPAY', 'FEATURED_LISTING', 'PENDING', 8, 220000, 220000, '00/00', false, 'paid', 220000),
    ('VNPAY', 'DEPOSIT', 'PENDING', 95, 25000000, 25000000, '00/00', false, 'paid', 25000000),
    ('VNPAY', 'SUBSCRIPTION', 'PENDING', 180, 499000, 499000, '00/00', false, 'paid', 499000),
    ('VNPAY', 'DEPOSIT', 'PENDING', 240, 18000000, 1800000, '00/00', false, 'paid', 1800000),
    ('VNPAY', 'LISTING_FEE', 'PENDING', 120, 55000, NULL, NULL, false, 'paid', 55000),
    ('VNPAY', 'SUBSCRIPTION', 'PENDING', 300, 499000, 499000, '00/00', true, 'forged', 499000),
    ('VNPAY', 'LISTING_FEE', 'PENDING', 360, 55000, NULL, NULL, false, 'cancelled', 55000),
    ('VNPAY', 'DEPOSIT', 'PROCESSING', 75, 42000000, 42000000, '07/07', false, 'processing', 42000000),
    ('VNPAY', 'LISTING_FEE', 'PENDING', 1200, 55000, 55000, '24/02', false, 'cancelled', 55000),
    ('MOMO', 'LISTING_FEE', 'PENDING', 12, 55000, NULL, NULL, false, 'pending', 55000),
    ('MOMO', 'SUBSCRIPTION', 'PENDING', 125, 499000, 499000, '0', false, 'paid', 499000),
    ('MOMO', 'FEATURED_LISTING', 'PENDING', 185, 220000, 220000, '0', false, 'paid twice', 220000),
    ('MOMO', 'SUBSCRIPTION', 'PROCESSING', 245, 499000, 499000, '7000', false, 'paid', 499000),
    ('MOMO', 'DEPOSIT', 'PENDING', 430, 30000000, 30000000, '0', true, 'cancelled', 30000000),
    ('MOMO', 'LISTING_FEE', 'PENDING', 540, 55000, 55000, '0', false, 'refunded', 55000),
    ('MOMO', 'LISTING_FEE', 'PENDING', 1380, 55000, NULL, NULL, false, NULL, NULL),
    ('ZALOPAY', 'FEATURED_LISTING', 'PENDING', 25, 220000, NULL, NULL, false, 'paid', 220000),
    ('ZALOPAY', 'SUBSCRIPTION', 'PENDING', 90, 499000, 499000, '1', false, 'paid', 499000),
    ('ZALOPAY', 'DEPOSIT', 'PENDING', 310, 15000000, 15000000, '1', false, 'paid', 15000000),
    ('ZALOPAY', 'FEATURED_LISTING', 'PENDING', 480, 220000, 22000, '1', false, 'paid', 22000),
    ('ZALOPAY', 'LISTING_FEE', 'PENDING', 10, 55000, NULL, NULL, false, 'pending', 55000),
    ('ZALOPAY', 'SUBSCRIPTION', 'PENDING', 840, 499000, 499000, '1', true, 'slow', 499000)
) AS v(provider, type, status, minutes, amount, told, code, bad, state, theirs);

INSERT INTO "Payment"
SELECT pg_temp.id('morning', n), pg_temp.id('user', 6 + n), NULL, provider::"PaymentProvider", type::"PaymentType",
       amount, status::"PaymentStatus", NULL, NULL, md5('morning' || n)::uuid::text, t, t
FROM morning, LATERAL (SELECT (now() AT TIME ZONE 'UTC')::timestamp(0) - make_interval(mins => minutes) AS t) d;

-- Of the others that are stuck two of three have had their provider's callback, which the API never worked off. Every
-- callback is signed as the provider does; a forged one (of the old ones every seventh) with another secret.
CREATE EXTENSION pgcrypto;
CREATE FUNCTION pg_temp.sign(data text, setting text, bad boolean, hash text) RETURNS text
LANGUAGE sql AS $$ SELECT encode(hmac(data, CASE WHEN bad THEN 'another secret'
                                            ELSE current_setting(setting) END, hash), 'hex') $$;

CREATE TEMP TABLE stuck AS
SELECT p."id", p."provider", p."createdAt" AS made, p."createdAt" + interval '80 seconds' AS paid,
       row_number() OVER (ORDER BY m.n, p."id") AS n,
       (20000000 + row_number() OVER (ORDER BY m.n, p."id"))::text AS no, m.n AS of_today,
       p."amountVND" AS amount, coalesce(m.told, p."amountVND")::text AS told,
       CASE p."provider" WHEN 'VNPAY' THEN coalesce(m.code, '00/00') ELSE coalesce(m.code, '0') END AS code,
       CASE WHEN m.n IS NULL THEN p.k % 3 <> 0 ELSE m.code IS NOT NULL END AS called,
       coalesce(m.bad, p.k % 7 = 0) AS bad,
       CASE WHEN m.n IS NOT NULL THEN m.state WHEN p.k % 7 = 0 THEN 'cancelled'
            WHEN p.k % 3 <> 0 OR p.k % 2 = 0 THEN 'paid' ELSE 'cancelled' END AS state,
       coalesce(m.theirs, p."amountVND") AS theirs
FROM (SELECT *, row_number() OVER (ORDER BY "id") AS k FROM "Payment"
      WHERE "status" IN ('PENDING', 'PROCESSING') AND "provider" <> 'BANK_TRANSFER') p
LEFT JOIN morning m ON p."id" = pg_temp.id('morning', m.n);

CREATE TEMP TABLE callback AS
SELECT s."id", s.bad, jsonb_build_object('vnp_Amount', told || '00', 'vnp_BankCode', 'NCB',
           'vnp_CardType', 'ATM', 'vnp_OrderInfo', 'Thanhtoan' || n, 'vnp_PayDate',
           to_char(paid + interval '7 hours', 'YYYYMMDDHH24MISS'), 'vnp_ResponseCode', split_part(code, '/', 1),
           'vnp_TmnCode', 'GOODGO01', 'vnp_TransactionNo', no, 'vnp_TransactionStatus', split_part(code, '/', 2),
           'vnp_TxnRef', s."id") AS body
FROM stuck s WHERE provider = 'VNPAY' AND called;
UPDATE callback SET body = body || jsonb_build_object('vnp_SecureHash', pg_temp.sign(
    (SELECT string_agg(key || '=' || value, '&' ORDER BY key COLLATE "C") FROM jsonb_each_text(body)),
    'goodgo.vnpay', bad, 'sha512'));

INSERT INTO callback
SELECT s."id", s.bad, jsonb_build_object('partnerCode', 'MOMOGOODGO', 'orderId', s."id", 'requestId', s."id",
           'amount', told, 'orderInfo', 'Thanh toán GoodGo', 'orderType', 'momo_wallet',
           'transId', no, 'resultCode', code, 'message', said, 'payType', 'qr', 'extraData', '',
           'responseTime', (extract(epoch FROM paid)::bigint * 1000)::text,
           'signature', pg_temp.sign('accessKey=' || current_setting('goodgo.momo_access')
               || '&amount=' || told || '&extraData=&message=' || said || '&orderId=' || s."id"
               || '&orderInfo=Thanh toán GoodGo&orderType=momo_wallet&partnerCode=MOMOGOODGO'
               || '&payType=qr&requestId=' || s."id" || '&responseTime='
               || (extract(epoch FROM paid)::bigint * 1000)::text || '&resultCode=' || code || '&transId=' || no,
               'goodgo.momo', bad, 'sha256'))
FROM stuck s, LATERAL (SELECT CASE code WHEN '0' THEN 'Successful.' ELSE 'Transaction is being processed.' END AS said) d
WHERE provider = 'MOMO' AND called;

INSERT INTO callback
SELECT s."id", s.bad, jsonb_build_object('data', data, 'type', '1',
           'mac', pg_temp.sign(data, 'goodgo.zalopay', bad, 'sha256'))
FROM stuck s, LATERAL (SELECT '{"app_id":2553,"app_trans_id":"'
    || to_char(made + interval '7 hours', 'YYMMDD') || '_' || s."id" || '","app_time":'
    || extract(epoch FROM made)::bigint * 1000 || ',"app_user":"goodgo","amount":' || told
    || ',"embed_data":"{}","item":"[]","zp_trans_id":' || no || ',"server_time":'
    || extract(epoch FROM paid)::bigint * 1000 || ',"channel":38,"merchant_user_id":"",'
    || '"user_fee_amount":0,"discount_amount":0}' AS data) d
WHERE provider = 'ZALOPAY' AND called;

UPDATE "Payment" p SET "callbackData" = c.body FROM callback c WHERE c."id" = p."id";
DROP FUNCTION pg_temp.sign;
DROP EXTENSION pgcrypto;

-- What the gateways know, for the stand-ins: database.c writes these lines to DIR/gateways. "Paid twice" is a payment of
-- another number than the callback's.
CREATE TEMP VIEW gateway AS
SELECT concat_ws(' ', lower(provider::text), CASE WHEN provider = 'ZALOPAY'
           THEN to_char(made + interval '7 hours', 'YYMMDD') || '_' ELSE '' END || "id", theirs, split_part(state, ' ', 1),
           CASE WHEN state = 'paid twice' THEN '9' ELSE '' END || no, extract(epoch FROM made)::bigint * 1000) AS line
FROM stuck WHERE state IS NOT NULL ORDER BY n;

-- subscriptions
INSERT INTO "Plan"
SELECT pg_temp.id('plan', n), tier::"PlanTier", name, month, month * 10, listings, searches,
       features::jsonb, true, now() AT TIME ZONE 'UTC' - interval '700 days',
       now() AT TIME ZONE 'UTC' - interval '30 days'
FROM (VALUES
    (1, 'FREE', 'Miễn phí', 0, 3, 5, '["basic_search"]'),
    (2, 'AGENT_PRO', 'Môi giới Pro', 499000, 50, 50, '["leads", "analytics", "badge"]'),
    (3, 'INVESTOR', 'Nhà đầu tư', 999000, 20, 200, '["valuation", "market_index", "alerts"]'),
    (4, 'ENTERPRISE', 'Doanh nghiệp', 4990000, NULL, NULL, '["api", "team", "sla"]')
) AS v(n, tier, name, month, listings, searches, features);

INSERT INTO "Subscription"
SELECT pg_temp.id('subscription', i), pg_temp.id('user', 1 + pg_temp.pick('su', i, 1200 * k)),
       pg_temp.id('plan', 1 + pg_temp.pick('sp', i, 4)), status::"SubscriptionStatus", t,
       t + interval '30 days', CASE status WHEN 'CANCELLED' THEN pg_temp.by_now(t + interval '9 days') END, t, t
FROM size, generate_series(1, 500 * k) i,
     LATERAL (SELECT pg_temp.one('st', i, ARRAY['ACTIVE', 'ACTIVE', 'ACTIVE', 'PAST_DUE', 'CANCELLED',
                  'EXPIRED', 'TRIALING']) AS status) s,
     LATERAL (SELECT pg_temp.ago('sub', i, 2592000)
                     - CASE WHEN status = 'EXPIRED' THEN interval '60 days' ELSE '0' END AS t) d;

INSERT INTO "UsageRecord"
SELECT pg_temp.id('usage', i * 3 + m), pg_temp.id('subscription', i),
       (ARRAY['listings', 'saved_searches', 'valuations'])[m], pg_temp.pick('us', i * 3 + m, 40),
       date_trunc('month', now() AT TIME ZONE 'UTC'),
       date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', now() AT TIME ZONE 'UTC'
FROM size, generate_series(1, 500 * k) i, generate_series(1, 3) m;

-- analytics
INSERT INTO "Valuation"
SELECT pg_temp.id('valuation', i), pg_temp.id('property', i * 2), q."priceVND", q."pricePerM2",
       0.6 + pg_temp.pick('vc', i, 40) / 100.0, jsonb_build_array(pg_temp.id('property', i * 2 - 1)),
       'xgboost-2026.03', pg_temp.ago('val', i, 7776000)
FROM size, generate_series(1, 2000 * k) i
JOIN "Listing" q ON q."id" = pg_temp.id('listing', i * 2);

INSERT INTO "MarketIndex"
SELECT pg_temp.id('index', (p.n * 3 + x) * 12 + m), p.city, p.district,
       (ARRAY['APARTMENT', 'HOUSE', 'LAND'])[x]::"PropertyType",
       to_char(now() - make_interval(months => m), 'YYYY-MM'), (p.level * 70 * (100 - m))::bigint * 10000,
       p.level * (100 - m) * 10000, 40 + pg_temp.pick('mi', p.n * 36 + m, 300),
       20 + pg_temp.pick('md', p.n * 36 + m, 60), (pg_temp.pick('my', p.n, 200) - 60) / 10.0,
       now() AT TIME ZONE 'UTC' - make_interval(months => m)
FROM place p, generate_series(1, 3) x, generate_series(0, 11) m;

-- notifications, audit, reviews
INSERT INTO "NotificationLog"
SELECT pg_temp.id('note', i), pg_temp.id('user', 1 + pg_temp.pick('nu', i, 1200 * k)),
       (ARRAY['EMAIL', 'SMS', 'PUSH', 'ZALO_OA'])[1 + i % 4]::"NotificationChannel",
       'listing.price_changed', 'Tin bạn theo dõi đã đổi giá', 'Giá mới đã được cập nhật.',
       status::"NotificationStatus", CASE status WHEN 'FAILED' THEN 'SMTP 421: thử lại sau' END, NULL,
       CASE WHEN status <> 'PENDING' THEN t + interval '3 seconds' END, t
FROM size, generate_series(1, 3000 * k) i,
     LATERAL (SELECT pg_temp.one('ns', i, ARRAY['SENT', 'SENT', 'DELIVERED', 'DELIVERED', 'DELIVERED',
                  'FAILED', 'PENDING']) AS status, pg_temp.ago('nt', i, 2592000) AS t) d;

INSERT INTO "NotificationPreference"
SELECT pg_temp.id('preference', i * 2 + m), pg_temp.id('user', i),
       (ARRAY['EMAIL', 'PUSH'])[1 + m]::"NotificationChannel", 'listing.price_changed', (i + m) % 5 <> 0,
       t, t
FROM size, generate_series(1, 1200 * k) i, generate_series(0, 1) m,
     LATERAL (SELECT pg_temp.ago('pref', i, 15552000) AS t) d;

INSERT INTO "AdminAuditLog"
SELECT pg_temp.id('audit', i), pg_temp.id('user', 1 + i % 5),
       (ARRAY['LISTING_APPROVED', 'LISTING_REJECTED', 'USER_BANNED', 'KYC_APPROVED',
              'PAYMENT_RECONCILED'])[1 + i % 5]::"AdminAction",
       (ARRAY['LISTING', 'LISTING', 'USER', 'USER', 'PAYMENT'])[1 + i % 5]::"AuditTargetType",
       pg_temp.id((ARRAY['listing', 'listing', 'user', 'user', 'payment'])[1 + i % 5],
                  1 + pg_temp.pick('at', i, 1200 * k)),
       '{"reason": "kiểm tra định kỳ"}', '10.0.' || i % 4 || '.' || i % 250,
       pg_temp.ago('aud', i, 15552000)
FROM size, generate_series(1, 400 * k) i;

INSERT INTO "Review"
SELECT pg_temp.id('review', i), pg_temp.id('user', 1 + i % (1200 * k)), 'AGENT',
       pg_temp.id('agent', 1 + pg_temp.pick('rv', i, 120 * k)),
       1 + greatest(pg_temp.pick('ra', i, 5), pg_temp.pick('rb', i, 5)),
       pg_temp.one('rc', i, ARRAY['Tư vấn nhiệt tình, đúng hẹn.', 'Thông tin nhà chính xác.',
           'Phản hồi hơi chậm.', 'Rất hài lòng, sẽ giới thiệu bạn bè.']), t, t
FROM size, generate_series(1, 600 * k) i, LATERAL (SELECT pg_temp.ago('rev', i, 15552000) AS t) d;

-- migrations, as the engine leaves them
INSERT INTO "_prisma_migrations"
SELECT md5('migration' || n)::uuid::text, md5(name) || md5(name || 'x'),
       at + interval '900 milliseconds', name, NULL, NULL, at, 1
FROM (VALUES
    (1, '20250602081500_init', '2025-06-02 08:15:00+00'::timestamptz),
    (2, '20250718093000_subscriptions', '2025-07-18 09:30:00+00'),
    (3, '20250905021000_valuation_market_index', '2025-09-05 02:10:00+00'),
    (4, '20251121070000_payment_idempotency_unique', '2025-11-21 07:00:00+00'),
    (5, '20260115043000_kyc_encryption', '2026-01-15 04:30:00+00'),
    (6, '20260302100000_listing_compound_indexes', '2026-03-02 10:00:00+00')
) AS v(n, name, at);
