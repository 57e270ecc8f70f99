// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IOpenToken} from "../token/IOpenToken.sol";
import {Authorizing, KeyedAccount} from "./support/Authorizing.sol";

contract AuthorizationsTest is Authorizing {
    uint256 internal constant KEY = 0xA11CE;
    address internal constant PAYEE = address(0x9a7ee);
    address internal constant STRANGER = address(0x57);
    uint256 internal constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141; // of secp256k1
    IOpenToken internal token;
    address internal payer;

    function setUp() public {
        vm.warp(1_000_000);
        payer = vm.addr(KEY);
        token = IOpenToken(deployed("OpenToken", abi.encode(payer)));
    }

    /// Good for a second on either side of now.
    function authorization() internal view returns (Authorization memory) {
        return Authorization(payer, PAYEE, 5e18, block.timestamp - 1, block.timestamp + 1, "nonce");
    }

    function signed(uint256 kind, Authorization memory a) internal view returns (bytes memory) {
        return signed(KEY, domainOf(address(token), "OpenLedger"), useOf(kind, a));
    }

    function signedCancel(uint256 key, address authorizer, bytes32 nonce) internal view returns (bytes memory) {
        bytes32 structHash = keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce));
        return signed(key, domainOf(address(token), "OpenLedger"), structHash);
    }

    function works(uint256 kind, Authorization memory a, bytes memory signature) internal {
        vm.prank(kind < 2 ? STRANGER : a.to);
        carryOut(token, kind, a, signature);
    }

    function refused(uint256 kind, Authorization memory a, bytes memory signature, bytes memory reason) internal {
        vm.prank(kind < 2 ? STRANGER : a.to);
        vm.expectRevert(reason);
        carryOut(token, kind, a, signature);
    }

    function unsigned(address authorizer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOpenToken.OpenAuthorizationUnsigned.selector, authorizer);
    }

    function spent(address authorizer, bytes32 nonce, bytes32 use) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IOpenToken.OpenAuthorizationSpent.selector, authorizer, nonce, use);
    }

    function cancel(bool byBytes, address authorizer, bytes32 nonce, bytes memory signature) internal {
        (uint8 v, bytes32 r, bytes32 s) = parts(signature);
        if (byBytes) token.cancelAuthorization(authorizer, nonce, signature);
        else token.cancelAuthorization(authorizer, nonce, v, r, s);
    }

    function test_TheTypeHashesAreThoseOfTheEIP() public pure {
        string memory fields =
            "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";
        equal(TRANSFER_TYPEHASH, keccak256(abi.encodePacked("TransferWithAuthorization", fields)), "transfer");
        equal(RECEIVE_TYPEHASH, keccak256(abi.encodePacked("ReceiveWithAuthorization", fields)), "receive");
        equal(CANCEL_TYPEHASH, keccak256("CancelAuthorization(address authorizer,bytes32 nonce)"), "cancel");
    }

    function test_TheDomainIsWhatClientsExpect() public view {
        equal(token.DOMAIN_SEPARATOR(), domainOf(address(token), "OpenLedger"), "domain");
    }

    function test_AnAuthorisationMovesTheMoneyAndKeepsWhatItWas() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            a.nonce = bytes32(kind);
            a.value = 5e18 + kind;
            bytes memory signature = signed(kind, a);
            uint256 beforeWei = token.balanceOf(PAYEE);
            require(!token.authorizationState(payer, a.nonce), "spent before");
            equal(token.authorizationUse(payer, a.nonce), 0, "use before");
            vm.prank(kind < 2 ? STRANGER : PAYEE);
            vm.expectEmit(address(token));
            emit IOpenToken.AuthorizationUsed(payer, a.nonce);
            vm.expectEmit(address(token));
            emit IERC20.Transfer(payer, PAYEE, a.value);
            carryOut(token, kind, a, signature);
            equal(token.balanceOf(PAYEE), beforeWei + a.value, "payee");
            require(token.authorizationState(payer, a.nonce), "not spent after");
            equal(token.authorizationUse(payer, a.nonce), useOf(kind, a), "use after");
            equal(token.nonces(payer), 0, "permits have their own nonces");
        }
        equal(token.balanceOf(payer), 1e27 - 20e18 - 6, "payer");
    }

    function test_ItIsGoodStrictlyBetweenItsTimes() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            a.nonce = bytes32(kind);
            (a.validAfter, a.validBefore) = (block.timestamp, block.timestamp + 2);
            bytes memory reason = abi.encodeWithSelector(IOpenToken.OpenAuthorizationEarly.selector, a.validAfter);
            refused(kind, a, signed(kind, a), reason);
            vm.warp(block.timestamp + 2);
            reason = abi.encodeWithSelector(IOpenToken.OpenAuthorizationLate.selector, a.validBefore);
            refused(kind, a, signed(kind, a), reason);
            vm.warp(block.timestamp - 1);
            works(kind, a, signed(kind, a));
        }
    }

    function test_ANonceIsGoodOnceWhateverTheFormButEachAccountHasItsOwn() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            a.nonce = bytes32(kind);
            works(kind, a, signed(kind, a));
            for (uint256 again; again < KINDS; ++again) {
                refused(again, a, signed(again, a), spent(payer, a.nonce, useOf(kind, a)));
            }
        }
        address other = vm.addr(0xB0B);
        vm.prank(payer);
        token.transfer(other, 1);
        Authorization memory b = authorization();
        (b.from, b.value, b.nonce) = (other, 1, bytes32(0));
        works(0, b, signed(0xB0B, domainOf(address(token), "OpenLedger"), useOf(0, b)));
        equal(token.balanceOf(other), 0, "the other's");
    }

    function test_ASignatureForAnotherChainOrContractIsRefused() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            bytes memory signature = signed(kind, a);
            vm.chainId(block.chainid + 1);
            refused(kind, a, signature, unsigned(payer));
            vm.chainId(block.chainid - 1);
            signature = signed(KEY, domainOf(address(this), "OpenLedger"), useOf(kind, a));
            refused(kind, a, signature, unsigned(payer));
        }
    }

    function test_WhatWasNotSignedIsRefused() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            for (uint256 field; field < 6; ++field) {
                Authorization memory a = authorization();
                bytes memory signature = signed(kind, a);
                if (field == 0) a.from = STRANGER;
                if (field == 1) a.to = STRANGER;
                if (field == 2) a.value += 1;
                if (field == 3) a.validAfter -= 1;
                if (field == 4) a.validBefore += 1;
                if (field == 5) a.nonce = "other";
                refused(kind, a, signature, unsigned(a.from));
            }
            Authorization memory b = authorization();
            refused(kind, b, signed((kind + 2) % KINDS, b), unsigned(payer)); // to receive for to send, and the reverse
        }
    }

    function test_OfTwoFormsOfASignatureOneIsRefused() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            (uint8 v, bytes32 r, bytes32 s) = parts(signed(kind, a));
            bytes memory other = abi.encodePacked(r, bytes32(ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
            refused(kind, a, other, unsigned(payer));
            refused(kind, a, abi.encodePacked(r, s, v - 27), unsigned(payer));
        }
        (uint8 w, bytes32 x, bytes32 y) = parts(signedCancel(KEY, payer, "nonce"));
        bytes memory flipped = abi.encodePacked(x, bytes32(ORDER - uint256(y)), w == 27 ? uint8(28) : uint8(27));
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(unsigned(payer));
            cancel(i == 1, payer, "nonce", flipped);
        }
    }

    function test_SignaturesOfOtherLengthsAreRefused() public {
        Authorization memory a = authorization();
        (uint8 v, bytes32 r, bytes32 s) = parts(signed(1, a));
        bytes32 compact = bytes32(uint256(s) | (uint256(v - 27) << 255));
        refused(1, a, abi.encodePacked(r, compact), unsigned(payer));
        refused(1, a, abi.encodePacked(r, s, v, uint8(0)), unsigned(payer));
        refused(1, a, "", unsigned(payer));
    }

    function test_NobodySignsForTheZeroAddress() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            a.from = address(0);
            refused(kind, a, new bytes(65), unsigned(address(0)));
        }
    }

    function test_OnlyThePayeeCarriesOutAnAuthorisationToReceive() public {
        for (uint256 kind = 2; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            bytes memory signature = signed(kind, a);
            vm.prank(STRANGER);
            vm.expectRevert(abi.encodeWithSelector(IOpenToken.OpenAuthorizationNotPayee.selector, STRANGER, PAYEE));
            carryOut(token, kind, a, signature);
        }
    }

    function test_WhatIsNotThereIsNotSentAndTheNonceStaysGood() public {
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            a.value = 1e27 + 1;
            bytes memory reason = abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                payer,
                1e27,
                1e27 + 1
            );
            refused(kind, a, signed(kind, a), reason);
            equal(token.authorizationUse(payer, a.nonce), 0, "use");
        }
    }

    function test_ACancelledNonceIsSpent() public {
        for (uint256 i; i < 2; ++i) {
            bytes32 nonce = bytes32(i);
            bytes memory signature = signedCancel(KEY, payer, nonce);
            vm.expectEmit(address(token));
            emit IOpenToken.AuthorizationCanceled(payer, nonce);
            cancel(i == 1, payer, nonce, signature);
            require(token.authorizationState(payer, nonce), "not spent");
            equal(token.authorizationUse(payer, nonce), bytes32(uint256(1)), "use");
            for (uint256 j; j < 2; ++j) {
                vm.expectRevert(spent(payer, nonce, bytes32(uint256(1))));
                cancel(j == 1, payer, nonce, signature);
            }
            for (uint256 kind; kind < KINDS; ++kind) {
                Authorization memory a = authorization();
                a.nonce = nonce;
                refused(kind, a, signed(kind, a), spent(payer, nonce, bytes32(uint256(1))));
            }
        }
        equal(token.balanceOf(payer), 1e27, "payer");
    }

    function test_NobodyCancelsForAnotherOrWhatIsUsed() public {
        Authorization memory a = authorization();
        works(0, a, signed(0, a));
        for (uint256 i; i < 2; ++i) {
            bytes memory signature = signedCancel(KEY, payer, a.nonce);
            vm.expectRevert(spent(payer, a.nonce, useOf(0, a)));
            cancel(i == 1, payer, a.nonce, signature);
            signature = signedCancel(0xB0B, payer, "other");
            vm.expectRevert(unsigned(payer));
            cancel(i == 1, payer, "other", signature);
            signature = signedCancel(KEY, payer, "other");
            vm.expectRevert(unsigned(payer));
            cancel(i == 1, payer, "another", signature);
            vm.chainId(block.chainid + 1);
            vm.expectRevert(unsigned(payer));
            cancel(i == 1, payer, "other", signature);
            vm.chainId(block.chainid - 1);
        }
    }

    function test_AContractSignsByItsOwnRule() public {
        address account = address(new KeyedAccount(payer));
        vm.prank(payer);
        token.transfer(account, 20e18);
        for (uint256 kind; kind < KINDS; ++kind) {
            Authorization memory a = authorization();
            (a.from, a.nonce) = (account, bytes32(kind));
            bytes memory signature = signed(kind, a);
            if (kind % 2 == 0) {
                refused(kind, a, signature, unsigned(account));
                continue;
            }
            refused(kind, a, signed(0xB0B, domainOf(address(token), "OpenLedger"), useOf(kind, a)), unsigned(account));
            works(kind, a, signature);
            equal(token.authorizationUse(account, a.nonce), useOf(kind, a), "use");
        }
        equal(token.balanceOf(account), 10e18, "account");
        token.cancelAuthorization(account, "last", signedCancel(KEY, account, "last"));
        require(token.authorizationState(account, "last"), "not cancelled");
    }

    function testFuzz_AnAuthorisationMovesExactlyWhatItSays(
        uint256 key,
        uint256 value,
        address to,
        bytes32 nonce
    ) public {
        key = bound(key, 1, ORDER - 1);
        value = bound(value, 0, 1e27);
        address from = vm.addr(key);
        vm.assume(to != address(0) && to != from && to != payer && from != payer);
        vm.prank(payer);
        token.transfer(from, 1e27);
        Authorization memory a = Authorization(from, to, value, 0, type(uint256).max, nonce);
        carryOut(token, 0, a, signed(key, domainOf(address(token), "OpenLedger"), useOf(0, a)));
        equal(token.balanceOf(to), value, "to");
        equal(token.balanceOf(from), 1e27 - value, "from");
        equal(token.totalSupply(), 1e27, "supply");
    }
}
